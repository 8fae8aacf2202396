with

clusterings as (

    select * from {{ ref('int_clusterings_compared') }}

),

judged as (

    select
        *,
        case
            when not is_chosen then null
            when silhouette < {{ var('cluster_min_silhouette') }} then 'silhouette too low'
            when silhouette - silhouette_by_chance < {{ var('cluster_min_gain') }} then 'no better than chance'
            when stability is null or stability < {{ var('cluster_min_stability') }} then 'not stable'
            else 'to be trusted'
        end as verdict
    from clusterings

),

-- The simplest algorithm first where two are as good.
placed as (

    select
        *,
        row_number() over (
            partition by subject, coalesce(verdict = 'to be trusted', false)
            order by
                silhouette desc nulls last,
                case algorithm when 'k_means' then 1 when 'gaussian_mixture' then 2 else 3 end asc,
                k asc
        ) as place
    from judged

)

select
    subject,
    algorithm,
    k,
    users,
    users_used,
    users_used < users as is_sampled,
    silhouette,
    silhouette_by_chance,
    stability,
    smallest_share,
    is_chosen,
    verdict,
    coalesce(verdict = 'to be trusted', false) as is_trustworthy,
    coalesce(verdict = 'to be trusted' and place = 1, false) as is_preferred
from placed
