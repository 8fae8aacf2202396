{% macro user_week_part(relation, measures, moments={}) %}
    select
        user_id,
        week_index,
        seen_week,
        replaced_week,
        {%- for moment in ['known_at', 'active_at', 'ordered_at'] %}
        min({{ moments.get(moment, 'cast(null as timestamp)') }}) as first_{{ moment }},
        max({{ moments.get(moment, 'cast(null as timestamp)') }}) as last_{{ moment }},
        {%- endfor %}
        {%- if 'active_at' in moments %}
        bit_or({{ day_bit(moments['active_at'], 'week_index') }}) as active_days_mask,
        {%- else %}
        cast(null as bigint) as active_days_mask,
        {%- endif %}
        {%- for measure in feature_measures() %}
        sum({{ exact(measures.get(measure, '0')) }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    group by user_id, week_index, seen_week, replaced_week
{% endmacro %}
