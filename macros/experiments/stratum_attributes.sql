{% macro stratum_attributes() %}
    {{ return(profile_attributes() + ['age_band', 'income_band']) }}
{% endmacro %}
