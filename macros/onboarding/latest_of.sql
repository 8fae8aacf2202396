{% macro latest_of(newest_first) -%}
    max(({{ newest_first | join(', ') }}))
{%- endmacro %}
