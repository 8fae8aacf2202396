{{ config(materialized='view') }}

with

users as (

    select * from {{ ref('int_users_profiled') }}
    where created_on is not null

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

aged as (

    select
        *,
        {{ age_on('birth_date', 'created_on') }} as age
    from users

),

described as (

    select
        aged.*,
        coalesce(age_bands.age_band, 'unknown') as age_band
    from aged
    left join age_bands on aged.age >= age_bands.start_age and aged.age < age_bands.end_age

)

{% for attribute in user_attributes() %}
select
    user_id,
    created_on,
    '{{ attribute }}' as attribute,
    {{ "'all'" if attribute == 'all' else attribute }} as attribute_value
from described
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
