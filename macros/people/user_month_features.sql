{% macro user_month_features() %}
    {{ return(['tenure_days', 'days_since_active', 'active_days', 'active_days_28', 'active_months']) }}
{% endmacro %}
