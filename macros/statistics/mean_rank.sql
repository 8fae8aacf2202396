{% macro mean_rank(value, peers) -%}
    rank() over (partition by {{ peers }} order by {{ value }})
    + (count(*) over (partition by {{ peers }}, {{ value }}) - 1) / 2.0
{%- endmacro %}
