-- In total: what was accrued, less redeemed and expired, plus adjusted, is what the last day and month say is left.
with

ledger as (

    select
        coalesce(sum(case when transaction_type = 'accrue' then points end), 0)
        - coalesce(sum(case when transaction_type in ('redeem', 'expire') then points end), 0)
        + coalesce(sum(case when transaction_type = 'adjust' then points end), 0) as points
    from {{ ref('stg_loyalty__point_transactions') }}
    where transaction_at <= {{ as_of('loyalty') }}

),

last_periods as (

    select
        *,
        row_number() over (partition by period_grain order by period_start desc) as place_from_the_end
    from {{ ref('agg_loyalty') }}

)

select
    last_periods.period_grain,
    last_periods.outstanding_points,
    ledger.points
from last_periods
cross join ledger
where
    last_periods.place_from_the_end = 1
    and last_periods.outstanding_points != ledger.points
