{% macro mean_rank(value, peers) -%}
    (
        rank() over (partition by {{ peers }} order by {{ value }})
        + count(*) over (partition by {{ peers }} order by {{ value }})
    ) / 2.0
{%- endmacro %}
