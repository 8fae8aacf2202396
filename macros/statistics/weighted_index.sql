{% macro weighted_index(percentile, direction, weight) -%}
    100.0
    * sum(cast({{ weight }} as double) * case {{ direction }} when 'lower' then 1 - {{ percentile }} else {{ percentile }} end)
    / sum(cast({{ weight }} as double))
{%- endmacro %}
