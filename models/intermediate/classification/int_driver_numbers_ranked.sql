{% set numbers = ['age'] %}

with

users as (

    select * from {{ ref('int_newcomers_observed') }}

),

measured as (
    {% for number in numbers %}
    select
        '{{ number }}' as attribute,
        is_engaged,
        {{ number }} as measure
    from users
    where {{ number }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

ranked as (

    select
        *,
        {{ mean_rank('measure', peers='attribute') }} as place
    from measured

),

ties as (

    select
        attribute,
        sum(power(cast(tied_users as double), 3) - tied_users) as tie_term
    from (
        select
            attribute,
            measure,
            count(*) as tied_users
        from measured
        group by attribute, measure
    ) as tied
    group by attribute

),

summed as (

    select
        attribute,
        cast(count(*) as double) as users,
        cast(count_if(is_engaged) as double) as engaged_users,
        cast(count_if(not is_engaged) as double) as other_users,
        sum(case when is_engaged then place else 0 end) as rank_sum,
        median(case when is_engaged then measure end) as median_of_engaged,
        median(case when not is_engaged then measure end) as median_of_others
    from ranked
    group by attribute

),

-- How often an engaged user has more than another who is not, a tie counting half; its spread where neither has more.
compared as (

    select
        summed.*,
        summed.rank_sum - summed.engaged_users * (summed.engaged_users + 1) / 2 as u,
        sqrt(
            summed.engaged_users * summed.other_users / 12
            * (summed.users + 1 - ties.tie_term / nullif(summed.users * (summed.users - 1), 0))
        ) as spread
    from summed
    inner join ties on summed.attribute = ties.attribute

)

select
    attribute,
    cast(users as bigint) as users,
    cast(engaged_users as bigint) as engaged_users,
    cast(median_of_engaged as double) as median_of_engaged,
    cast(median_of_others as double) as median_of_others,
    case when spread > 0 then 'mann_whitney' end as test,
    case when spread > 0 then u end as u,
    case when spread > 0 then greatest(abs(u - engaged_users * other_users / 2) - 0.5, 0) / spread end as z,
    case when spread > 0 then 2 * u / (engaged_users * other_users) - 1 end as rank_biserial
from compared
