{% set attributes = profile_attributes() + ['age_band'] %}
{% set counts = [
    'active_users', 'active_new_users', 'new_users', 'returning_users', 'resurrected_users', 'dormant_users'
] %}

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

described as (

    select
        user_periods.*,
        {%- for attribute in profile_attributes() %}
        users.{{ attribute }},
        {%- endfor %}
        {{ age_on('users.birth_date', 'periods.next_period_start - 1') }} as age
    from user_periods
    inner join periods
        on user_periods.period_grain = periods.period_grain and user_periods.period_index = periods.period_index
    inner join users on user_periods.user_id = users.user_id

),

banded as (

    select
        described.*,
        coalesce(age_bands.age_band, 'unknown') as age_band
    from described
    left join age_bands
        on described.age >= age_bands.start_age and described.age < age_bands.end_age

),

counted as (
    {% for attribute in attributes %}
    select
        period_grain,
        period_index,
        '{{ attribute }}' as attribute,
        {{ attribute }} as attribute_value,
        count_if(lifecycle_state != 'dormant') as active_users,
        count_if(lifecycle_state != 'dormant' and registration_state = 'new') as active_new_users,
        count_if(lifecycle_state = 'new') as new_users,
        count_if(lifecycle_state = 'returning') as returning_users,
        count_if(lifecycle_state = 'resurrected') as resurrected_users,
        count_if(lifecycle_state = 'dormant') as dormant_users
    from banded
    group by period_grain, period_index, {{ attribute }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

attribute_values as (

    select distinct
        attribute,
        attribute_value
    from counted

)

select
    periods.period_grain,
    periods.period_start,
    attribute_values.attribute,
    attribute_values.attribute_value as value,
    {%- for count in counts %}
    cast(coalesce(counted.{{ count }}, 0) as bigint) as {{ count }},
    {%- endfor %}
    periods.is_complete
from periods
cross join attribute_values
left join counted
    on
        periods.period_grain = counted.period_grain
        and periods.period_index = counted.period_index
        and attribute_values.attribute = counted.attribute
        and attribute_values.attribute_value = counted.attribute_value
