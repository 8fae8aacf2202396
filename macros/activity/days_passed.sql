{% macro days_passed(earlier, later) -%}
    {{ whole_quotient(microseconds(later) ~ ' - ' ~ microseconds(earlier), 86400000000) }}
{%- endmacro %}
