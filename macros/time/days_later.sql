{% macro days_later(moment, days) -%}
    {{ moment }} + {{ days }} * interval '1 day'
{%- endmacro %}
