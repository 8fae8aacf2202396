{% macro parse_timestamp(text) -%}
    case
        when regexp_full_match({{ text }}, '{{ timestamp_pattern() }}')
            then try_cast({{ text }} as timestamp)
        when regexp_full_match({{ text }}, '{{ timestamp_pattern() }} ?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)')
            then try_cast({{ text }} as timestamp with time zone) at time zone 'UTC'
    end
{%- endmacro %}
