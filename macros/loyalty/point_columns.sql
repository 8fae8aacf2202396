{% macro point_columns() %}
    {{ return({'accrue': 'accrued', 'redeem': 'redeemed', 'expire': 'expired', 'adjust': 'adjusted'}) }}
{% endmacro %}
