{% set days = chat_initiation_days() %}

with

periods as (

    select * from {{ ref('int_periods_spanned') }}

),

users as (

    select
        engagement.*,
        described.attribute,
        described.attribute_value
    from {{ ref('fct_new_user_engagement') }} as engagement
    inner join {{ ref('int_new_users_described') }} as described on engagement.user_id = described.user_id

),

counted as (
    {% for grain in period_grains() %}
    select
        '{{ grain }}' as period_grain,
        {{ period_index(grain, 'created_on') }} as period_index,
        attribute,
        attribute_value,
        count(*) as registrations,
        {%- for n in days %}
        count_if(is_complete_{{ n }}d) as eligible_users_{{ n }}d,
        count_if(is_complete_{{ n }}d and initiated_within_{{ n }}d) as initiated_users_{{ n }}d,
        {%- endfor %}
        count_if(is_non_engaging) as non_engaging_users
    from users
    group by {{ period_index(grain, 'created_on') }}, attribute, attribute_value
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

attribute_values as (

    select distinct
        attribute,
        attribute_value
    from users

)

select
    periods.period_grain,
    periods.period_start,
    attribute_values.attribute,
    attribute_values.attribute_value as value,
    coalesce(counted.registrations, 0) as registrations,
    {%- for n in days %}
    {%- set suffix = n ~ 'd' %}
    cast(coalesce(counted.eligible_users_{{ n }}d, 0) as bigint) as eligible_users_{{ n }}d,
    cast(coalesce(counted.initiated_users_{{ n }}d, 0) as bigint) as initiated_users_{{ n }}d,
    {{ ratio('counted.initiated_users_' ~ suffix, 'counted.eligible_users_' ~ suffix) }} as initiation_rate_{{ n }}d,
    {%- endfor %}
    {%- for n in days %}
    periods.is_complete and coalesce(counted.eligible_users_{{ n }}d = counted.registrations, true)
        as is_complete_{{ n }}d,
    {%- endfor %}
    cast(coalesce(counted.non_engaging_users, 0) as bigint) as non_engaging_users
from periods
cross join attribute_values
left join counted
    on
        periods.period_grain = counted.period_grain
        and periods.period_index = counted.period_index
        and attribute_values.attribute = counted.attribute
        and attribute_values.attribute_value = counted.attribute_value
