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
    {% for week in range(1, 6) -%} orders_week_{{ week }}{{ ' + ' if not loop.last }}{%- endfor %} as orders_5w
from features
