{% macro latest_known(value, newest_first) -%}
    arg_max({{ value }}, ({{ newest_first | join(', ') }})) filter (where {{ value }} is not null)
{%- endmacro %}
