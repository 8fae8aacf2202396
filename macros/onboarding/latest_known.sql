{% macro latest_known(value, newest_first) -%}
    max_by({{ value }}, ({{ newest_first | join(', ') }})) filter (where {{ value }} is not null)
{%- endmacro %}
