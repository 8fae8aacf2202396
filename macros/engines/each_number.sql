{% macro each_number(first, last) -%}
    {{ adapter.dispatch('each_number')(first, last) }}
{%- endmacro %}

{% macro duckdb__each_number(first, last) -%}
    unnest(range({{ first }}, {{ last }} + 1))
{%- endmacro %}

{% macro spark__each_number(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}
