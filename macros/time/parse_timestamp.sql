{% macro parse_timestamp(text) -%}
    {%- set zone = ' ?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)' -%}
    case
        when {{ full_match(text, timestamp_pattern()) }}
            then try_cast(left({{ text }}, 26) as timestamp)
        when {{ full_match(text, timestamp_pattern() ~ zone) }}
            then
                try_cast(left(regexp_replace({{ text }}, '{{ zone }}$', ''), 26) as timestamp)
                - {{ zone_offset(text) }}
    end
{%- endmacro %}
