{% macro latest_known(value, recency) -%}
    max_by({{ value }}, {{ recency }}) filter (where {{ value }} is not null)
{%- endmacro %}
