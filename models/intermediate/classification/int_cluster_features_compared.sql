{% set measured_in = {'users': 'int_users_measured', 'first_sessions': 'int_first_sessions_measured'} %}

with

assignments as (

    select * from {{ ref('int_users_clustered') }}

),

features as (

    select * from {{ ref('cluster_features') }}

),

measures as (
    {% for subject, model in measured_in.items() %}
    select
        '{{ subject }}' as subject,
        user_id,
        feature,
        measure
    from (
        select
            user_id,
            cast(columns(* exclude (user_id)) as double)
        from {{ ref(model) }}
    )
    unpivot (measure for feature in (columns(* exclude (user_id))))
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

usual as (

    select
        measures.subject,
        measures.feature,
        features.scale,
        features.words,
        {{ mean('measures.measure') }} as mean_of_all,
        {{ steady('stddev_pop(measures.measure)') }} as deviation
    from measures
    inner join features on measures.subject = features.subject and measures.feature = features.feature
    group by measures.subject, measures.feature, features.scale, features.words

),

sizes as (

    select
        subject,
        algorithm,
        cluster,
        count(*) as users,
        sum(count(*)) over (partition by subject, algorithm) as all_users
    from assignments
    group by subject, algorithm, cluster

),

by_cluster as (

    select
        assignments.subject,
        assignments.algorithm,
        assignments.cluster,
        measures.feature,
        {{ mean('measures.measure') }} as mean
    from assignments
    inner join measures on assignments.subject = measures.subject and assignments.user_id = measures.user_id
    group by assignments.subject, assignments.algorithm, assignments.cluster, measures.feature

),

compared as (

    select
        sizes.*,
        usual.feature,
        usual.scale,
        usual.words,
        by_cluster.mean,
        usual.mean_of_all,
        case when by_cluster.mean >= 0 and usual.mean_of_all > 0 then by_cluster.mean / usual.mean_of_all end as lift,
        {{ ratio('by_cluster.mean - usual.mean_of_all', 'usual.deviation') }} as difference
    from sizes
    inner join usual on sizes.subject = usual.subject
    left join by_cluster
        on
            sizes.subject = by_cluster.subject
            and sizes.algorithm = by_cluster.algorithm
            and sizes.cluster = by_cluster.cluster
            and usual.feature = by_cluster.feature

),

judged as (

    select
        *,
        coalesce(abs(difference) >= {{ var('cluster_min_difference') }}, false) as is_distinguishing
    from compared

)

-- What sets it apart by lift, more before less (a half is as far from the usual as twice as much); then by difference.
select
    subject,
    algorithm,
    cluster,
    users,
    cast(all_users as bigint) as all_users,
    feature,
    scale,
    words,
    mean,
    mean_of_all,
    lift,
    difference,
    is_distinguishing,
    row_number() over (
        partition by subject, algorithm, cluster
        order by
            is_distinguishing desc,
            is_distinguishing and difference > 0 desc,
            case when is_distinguishing then abs(lift - 1) / (lift + 1) end desc nulls last,
            abs(difference) desc nulls last,
            feature asc
    ) as place
from judged
