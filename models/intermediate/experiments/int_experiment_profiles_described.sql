{{ config(materialized='view') }}

with

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

aged as (

    select
        *,
        {{ age_on('birth_date', period_start('day', 'created_at')) }} as age
    from profiles

)

select
    aged.user_id,
    aged.created_at,
    aged.birth_date,
    {%- for attribute in profile_attributes() %}
    coalesce(aged.{{ attribute }}, 'unknown') as {{ attribute }},
    {%- endfor %}
    coalesce(age_bands.age_band, 'unknown') as age_band,
    coalesce(aged.income_band, 'unknown') as income_band
from aged
left join age_bands on aged.age >= age_bands.start_age and aged.age < age_bands.end_age
