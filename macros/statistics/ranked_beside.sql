{% macro ranked_beside(relation, metrics) -%}
    select
        {%- for metric in metrics %}
        {{ metric }},
        {%- endfor %}
        {%- for metric in metrics %}
        {%- set last_metric = loop.last %}
        {%- for other in metrics %}
        {{ mean_rank(metric, peers=metric ~ ' is null, ' ~ other ~ ' is null') }} as {{ metric }}_beside_{{ other }}
        {{- ',' if not (last_metric and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
