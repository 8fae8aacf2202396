{% macro event_state(event_name) -%}
    case
        when {{ event_name }} in ('session_start', 'session_end') then {{ event_name }} || ' (event)'
        else {{ event_name }}
    end
{%- endmacro %}
