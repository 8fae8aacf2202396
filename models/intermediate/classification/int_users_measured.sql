with

features as (

    select * from {{ ref('int_user_features') }}
    where is_newest

)

select
    user_id,
    days_since_first_known,
    active_days_4w,
    {%- for measure in recent_measures() %}
    {{ measure }}_4w,
    {%- endfor %}
    orders_week_1 + orders_week_2 + orders_week_3 + orders_week_4 + orders_week_5 as orders_5w
from features
