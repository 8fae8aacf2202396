with

periods as (

    select * from {{ ref('int_periods_spanned') }}

),

user_periods as (

    select * from {{ ref('int_user_periods_classified') }}

),

users as (

    select * from {{ ref('int_users_profiled') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

-- Many users share a profile: they are counted before it is said what is in it.
numbered as (

    select
        user_id,
        birth_date,
        {%- for attribute in profile_attributes() %}
        {{ attribute }},
        {%- endfor %}
        dense_rank() over (order by {{ profile_attributes() | join(', ') }}) as profile_number
    from users

),

profiles as (

    select distinct
        profile_number,
        {{ profile_attributes() | join(', ') }}
    from numbered

),

described as (

    select
        user_periods.period_grain,
        user_periods.period_index,
        user_periods.lifecycle_state,
        user_periods.registration_state,
        numbered.profile_number,
        {{ age_on('numbered.birth_date', 'periods.next_period_start - 1') }} as age
    from user_periods
    inner join periods
        on user_periods.period_grain = periods.period_grain and user_periods.period_index = periods.period_index
    inner join numbered on user_periods.user_id = numbered.user_id

),

by_profile as (

    select
        period_grain,
        period_index,
        lifecycle_state,
        registration_state,
        profile_number,
        count(*) as users
    from described
    group by period_grain, period_index, lifecycle_state, registration_state, profile_number

),

by_age as (

    select
        period_grain,
        period_index,
        lifecycle_state,
        registration_state,
        age,
        count(*) as users
    from described
    group by period_grain, period_index, lifecycle_state, registration_state, age

),

by_value as (
    {% for attribute in profile_attributes() %}
    select
        by_profile.period_grain,
        by_profile.period_index,
        by_profile.lifecycle_state,
        by_profile.registration_state,
        '{{ attribute }}' as attribute,
        profiles.{{ attribute }} as attribute_value,
        by_profile.users
    from by_profile
    inner join profiles on by_profile.profile_number = profiles.profile_number

    union all
    {% endfor %}
    select
        by_age.period_grain,
        by_age.period_index,
        by_age.lifecycle_state,
        by_age.registration_state,
        'age_band' as attribute,
        coalesce(age_bands.age_band, 'unknown') as attribute_value,
        by_age.users
    from by_age
    left join age_bands on by_age.age >= age_bands.start_age and by_age.age < age_bands.end_age

)

select
    period_grain,
    period_index,
    attribute,
    attribute_value,
    lifecycle_state,
    registration_state,
    cast(sum(users) as bigint) as users
from by_value
group by period_grain, period_index, attribute, attribute_value, lifecycle_state, registration_state
