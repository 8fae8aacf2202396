{% macro profile_attributes() %}
    {{ return(['country_group', 'device_type', 'acquisition_channel', 'acquisition_campaign', 'gender']) }}
{% endmacro %}
