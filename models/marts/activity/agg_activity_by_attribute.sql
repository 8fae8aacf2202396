{% set states = ['new', 'returning', 'resurrected', 'dormant'] %}

with

periods as (

    select * from {{ ref('int_periods_spanned') }}

),

values_by_state as (

    select * from {{ ref('int_attribute_values_counted') }}

),

counted as (

    select
        period_grain,
        period_index,
        attribute,
        attribute_value,
        {%- for state in states %}
        sum(users) filter (where lifecycle_state = '{{ state }}') as {{ state }}_users,
        {%- endfor %}
        sum(users) filter (where lifecycle_state != 'dormant') as active_users,
        sum(users) filter (where lifecycle_state != 'dormant' and registration_state = 'new') as active_new_users
    from values_by_state
    group by period_grain, period_index, attribute, attribute_value

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
    cast(coalesce(counted.active_users, 0) as bigint) as active_users,
    cast(coalesce(counted.active_new_users, 0) as bigint) as active_new_users,
    {%- for state in states %}
    cast(coalesce(counted.{{ state }}_users, 0) as bigint) as {{ state }}_users,
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
