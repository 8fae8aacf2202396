{% macro mean_rank(value, peers) -%}
    (
        rank() over (partition by {{ peers }} order by {{ value }} nulls last)
        + count(*) over (partition by {{ peers }} order by {{ value }} nulls last)
    ) / cast(2 as double)
{%- endmacro %}
