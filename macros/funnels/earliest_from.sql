{% macro earliest_from(value) -%}
    min(case when not is_seeker then {{ value }} end) over (
        partition by funnel_name, user_id, step_number
        order by event_at desc nulls last, place desc nulls last, is_seeker nulls last
        rows unbounded preceding
    )
{%- endmacro %}
