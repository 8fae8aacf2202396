{% set columns = {
    'predicted_orders_next_week': 'orders_next_week',
    'probability_no_order_next_week': 'no_order_next_week',
    'probability_dead': 'dead',
} -%}
{% if target.type == 'spark' -%}
-- Spark has no predictions.
select
    cast(null as string) as user_id,
    {%- for column in columns %}
    cast(null as double) as {{ column }},
    {%- endfor %}
    cast(null as timestamp) as predicted_from
where false
{%- else -%}
with

predictions as (

    select * from {{ ref('int_users_predicted') }}

)

select
    user_id,
    {%- for column, target_name in columns.items() %}
    max(case when target = '{{ target_name }}' then prediction end) as {{ column }},
    {%- endfor %}
    max(cutoff_at) as predicted_from
from predictions
group by user_id
{%- endif %}
