{% macro ranked_beside(relation, metrics) -%}
    {#- The peers are one expression, not two: of several windows in one select, DuckDB 1.5 takes some for the same that
        differ only in a part of their partition which it knows to be constant, and silently gives wrong ranks. -#}
    select
        {%- for metric in metrics %}
        {{ metric }},
        {%- endfor %}
        {%- for metric in metrics %}
        {%- set last_metric = loop.last %}
        {%- for other in metrics %}
        {{ mean_rank(metric, peers='case when ' ~ metric ~ ' is null or ' ~ other ~ ' is null then 1 else 0 end') }}
            as {{ metric }}_beside_{{ other }}
        {{- ',' if not (last_metric and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
