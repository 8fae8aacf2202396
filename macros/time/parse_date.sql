{% macro parse_date(text) -%}
    case
        when {{ full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?') }} then try_cast(left({{ text }}, 10) as date)
    end
{%- endmacro %}
