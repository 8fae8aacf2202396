{% macro weighted_index(percentile, direction, weight) -%}
    {%- set towards_better = 'case ' ~ direction ~ " when 'lower' then 1 - " ~ percentile ~ ' else ' ~ percentile ~ ' end' -%}
    {{ steady('100.0 * sum(' ~ weight ~ ' * (' ~ towards_better ~ ')) / sum(' ~ weight ~ ')') }}
{%- endmacro %}
