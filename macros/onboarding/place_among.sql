{% macro place_among(position, others) -%}
    case when {{ position }} is not null then 1
    {%- for other in others %} + coalesce(cast({{ other }} < {{ position }} as integer), 0){% endfor %} end
{%- endmacro %}
