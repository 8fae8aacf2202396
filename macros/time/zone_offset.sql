{% macro zone_offset(text) -%}
    {%- set offset = "regexp_extract(" ~ text ~ ", '[+-][0-9:]+$', 0)" -%}
    case
        when right({{ text }}, 1) = 'Z' then interval '0 minutes'
        else
            cast(left({{ offset }}, 1) || '1' as integer)
            * (
                cast(substring({{ offset }}, 2, 2) as integer) * interval '1 hour'
                + cast('0' || substring(replace({{ offset }}, ':', ''), 4) as integer) * interval '1 minute'
            )
    end
{%- endmacro %}
