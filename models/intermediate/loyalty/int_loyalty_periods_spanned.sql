with

transactions as (

    select * from {{ ref('stg_loyalty__point_transactions') }}

),

-- From the first transaction to the period that as_of lies in.
bounds as (

    select
        {{ period_index('day', period_start('day', 'min(transaction_at)')) }} as first_day,
        {{ period_index('day', period_start('day', as_of('loyalty'))) }} as last_day
    from transactions

),

{{ spanned_periods('bounds', 'least(' ~ as_of('loyalty') ~ ', ' ~ as_of('activity') ~ ')') }}
