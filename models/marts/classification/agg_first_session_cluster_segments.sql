with

clusters as (

    select * from {{ ref('ml_first_session_clusters') }}

),

first_sessions as (

    select * from {{ ref('fct_first_sessions') }}

),

placed as (

    select
        clusters.algorithm,
        clusters.is_preferred,
        clusters.cluster,
        first_sessions.segment
    from clusters
    inner join first_sessions on clusters.user_id = first_sessions.user_id

),

by_cluster as (

    select
        algorithm,
        is_preferred,
        cluster,
        count(*) as clients
    from placed
    group by algorithm, is_preferred, cluster

),

by_segment as (

    select
        algorithm,
        segment,
        count(*) as clients
    from placed
    group by algorithm, segment

),

by_both as (

    select
        algorithm,
        cluster,
        segment,
        count(*) as clients
    from placed
    group by algorithm, cluster, segment

),

-- Pairs of clients that are together in a cluster, in a segment, in both, and at all.
pairs as (
    {% for name in ['by_cluster', 'by_segment', 'by_both'] %}
    select
        algorithm,
        '{{ name }}' as together,
        sum(clients) as clients,
        sum(cast(clients as double) * (clients - 1) / 2) as pairs
    from {{ name }}
    group by algorithm
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

counted as (

    select
        algorithm,
        {%- for name in ['by_cluster', 'by_segment', 'by_both'] %}
        max(case when together = '{{ name }}' then pairs end) as {{ name }},
        {%- endfor %}
        max(cast(clients as double) * (clients - 1) / 2) as all_pairs
    from pairs
    group by algorithm

),

agreements as (

    select
        algorithm,
        {{ ratio(
            'by_both - by_cluster * by_segment / nullif(all_pairs, 0)',
            '(by_cluster + by_segment) / 2 - by_cluster * by_segment / nullif(all_pairs, 0)'
        ) }} as adjusted_rand_index
    from counted

)

select
    by_cluster.algorithm,
    by_cluster.is_preferred,
    by_cluster.cluster,
    by_segment.segment,
    coalesce(by_both.clients, 0) as clients,
    {{ ratio('coalesce(by_both.clients, 0)', 'by_cluster.clients') }} as share_of_cluster,
    {{ ratio('coalesce(by_both.clients, 0)', 'by_segment.clients') }} as share_of_segment,
    agreements.adjusted_rand_index
from by_cluster
inner join by_segment on by_cluster.algorithm = by_segment.algorithm
inner join agreements on by_cluster.algorithm = agreements.algorithm
left join by_both
    on
        by_cluster.algorithm = by_both.algorithm
        and by_cluster.cluster = by_both.cluster
        and by_segment.segment = by_both.segment
