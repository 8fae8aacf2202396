{% macro user_attributes() %}
    {{ return(['all'] + profile_attributes() + ['age_band']) }}
{% endmacro %}
