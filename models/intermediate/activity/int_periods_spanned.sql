with

users as (

    select * from {{ ref('int_users_profiled') }}

),

-- From the first registration or activity to the period that as_of lies in.
bounds as (

    select
        {{ period_index('day', 'least(min(created_on), min(first_active_on))') }} as first_day,
        {{ period_index('day', period_start('day', as_of('activity'))) }} as last_day
    from users

),

{{ spanned_periods('bounds', as_of('activity'), observed_from('activity')) }}
