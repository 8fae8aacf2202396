{% macro parse_number(text) -%}
    case
        when {{ is_number(text) }} and abs(try_cast({{ text }} as double)) <= {{ var('greatest_number') }}
            then try_cast({{ text }} as double)
    end
{%- endmacro %}
