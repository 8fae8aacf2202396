{% macro joined_in_order(text, separator, order_by) -%}
    {{ adapter.dispatch('joined_in_order')(text, separator, order_by) }}
{%- endmacro %}

{% macro duckdb__joined_in_order(text, separator, order_by) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_in_order(text, separator, order_by) -%}
    listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}
