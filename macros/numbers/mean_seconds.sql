{% macro mean_seconds(value) -%}
    {{ steady(
        'sum(cast(round(' ~ value ~ ' * 1000000) as bigint)) / cast(count(' ~ value ~ ') as double) / cast(1000000 as double)'
    ) }}
{%- endmacro %}
