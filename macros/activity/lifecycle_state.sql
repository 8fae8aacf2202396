{% macro lifecycle_state(period_index, previous_period_index) -%}
    case
        when {{ previous_period_index }} is null then 'new'
        when {{ previous_period_index }} = {{ period_index }} - 1 then 'returning'
        else 'resurrected'
    end
{%- endmacro %}
