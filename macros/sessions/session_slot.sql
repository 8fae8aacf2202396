{#- Counted from the year 1, since whole quotients of numbers below zero would make one slot twice as long. -#}
{% macro session_slot(event_at) -%}
    {{ whole_quotient(
        microseconds(event_at) ~ ' + 62135596800000000',
        [(var('session_gap_minutes') * 60000000) | int, 1] | max
    ) }}
{%- endmacro %}
