with

user_months as (

    select * from {{ ref('int_user_months_described') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

)

select
    user_months.month_start,
    user_months.gender,
    coalesce(age_bands.age_band, 'unknown') as age_band,
    count(*) as users,
    cast(count_if(user_months.is_registered) as bigint) as registered_users,
    cast(count_if(user_months.is_registered_in_month) as bigint) as registrations,
    cast(count_if(user_months.is_active) as bigint) as active_users,
    user_months.is_complete
from user_months
left join age_bands on user_months.age >= age_bands.start_age and user_months.age < age_bands.end_age
group by user_months.month_start, user_months.is_complete, user_months.gender, coalesce(age_bands.age_band, 'unknown')
