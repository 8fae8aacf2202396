with

activity_days as (

    select * from {{ ref('int_periods_spanned') }}
    where period_grain = 'day'

),

loyalty_days as (

    select * from {{ ref('int_loyalty_periods_spanned') }}
    where period_grain = 'day'

)

select period_start as calendar_day from activity_days
union
select period_start as calendar_day from loyalty_days
