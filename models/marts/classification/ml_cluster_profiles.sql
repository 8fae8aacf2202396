with

features as (

    select * from {{ ref('int_cluster_features_compared') }}

),

quality as (

    select * from {{ ref('ml_cluster_quality') }}
    where is_chosen

),

told as (

    select
        *,
        words || ' '
        || case scale
            when 'share' then {{ with_one_place('100 * mean') }} || ' %'
            else cast({{ to_two_places('mean') }} as string)
        end
        || ' (of all '
        || case scale
            when 'share' then {{ with_one_place('100 * mean_of_all') }} || ' %'
            else cast({{ to_two_places('mean_of_all') }} as string)
        end || ')' as comparison
    from features

),

sentences as (

    select
        subject,
        algorithm,
        cluster,
        {{ joined_in_order(
            "case when place = 1 or (is_distinguishing and place <= 3) then comparison end", ', ', order_by='place'
        ) }} as comparisons
    from told
    group by subject, algorithm, cluster

)

select
    features.subject,
    features.algorithm,
    features.cluster,
    features.users,
    {{ ratio('features.users', 'features.all_users') }} as share,
    features.feature,
    features.mean,
    features.mean_of_all,
    features.lift,
    features.difference,
    features.is_distinguishing,
    cast(features.place as bigint) as rank,
    quality.is_trustworthy,
    quality.is_preferred,
    case
        when features.place = 1
            then
                case when quality.is_trustworthy then '' else 'Not to be relied on, ' || quality.verdict || ': ' end
                || features.users || ' of ' || features.all_users || ' ' || replace(features.subject, '_', ' ')
                || case when features.cluster = 0 then ' in no cluster' else '' end || ': '
                || case when features.is_distinguishing then '' else 'much like all, most unlike in ' end
                || sentences.comparisons || '.'
    end as sentence
from features
inner join sentences
    on
        features.subject = sentences.subject
        and features.algorithm = sentences.algorithm
        and features.cluster = sentences.cluster
inner join quality on features.subject = quality.subject and features.algorithm = quality.algorithm
