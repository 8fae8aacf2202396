{{ config(materialized='view') }}

with

enrolled as (

    select * from {{ ref('int_experiment_users_enrolled') }}

),

measured as (

    select * from {{ ref('int_outcome_windows_measured') }}

)

select
    enrolled.experiment_name,
    enrolled.user_id,
    enrolled.variant,
    enrolled.is_control,
    enrolled.stratum,
    {%- for metric in experiment_metrics() %}
    measured.{{ metric.name }},
    measured.{{ metric.name }}_before,
    measured.is_complete_{{ metric.name }},
    {%- endfor %}
    enrolled.first_exposed_at
from enrolled
inner join measured on enrolled.user_id = measured.user_id and enrolled.first_exposed_at = measured.opened_at
