{% macro first_place_to_seek(step) -%}
    1 + case
        when reached.kind = 'strict' then reached.place_{{ step - 1 }}
        {%- for earlier in range(1, step) %}
        when steps.alike_step_number = {{ earlier }} then reached.place_{{ earlier }}
        {%- endfor %}
        else 0
    end
{%- endmacro %}
