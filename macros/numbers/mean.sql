{% macro mean(value) -%}
    {{ steady('avg(cast(' ~ value ~ ' as double))') }}
{%- endmacro %}
