{% macro rule_is_met(operator, measure, value) -%}
    case {{ operator }}
        when '=' then {{ measure }} = {{ value }}
        when '!=' then {{ measure }} != {{ value }}
        when '<' then {{ measure }} < {{ value }}
        when '<=' then {{ measure }} <= {{ value }}
        when '>' then {{ measure }} > {{ value }}
        when '>=' then {{ measure }} >= {{ value }}
    end
{%- endmacro %}
