{% macro merge_json(object, other_object) -%}
    case
        when {{ other_object }} is null then {{ object }}
        else left({{ object }}, length({{ object }}) - 1) || ',' || substring({{ other_object }}, 2)
    end
{%- endmacro %}
