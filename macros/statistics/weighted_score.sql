{% macro weighted_score(value, weight) -%}
    {{ to_two_places('sum(' ~ exact(value) ~ ' * ' ~ weight ~ ')') }}
{%- endmacro %}
