{% macro points_of(transaction_type) -%}
    cast(sum(case when transaction_type = '{{ transaction_type }}' then points else 0 end) as bigint)
{%- endmacro %}
