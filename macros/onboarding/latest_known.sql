{% macro latest_known(value, recency) -%}
    arg_max({{ value }}, {{ recency }}) filter (where {{ value }} is not null)
{%- endmacro %}
