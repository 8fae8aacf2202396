{% macro as_of(subject) -%}
    (select as_of from {{ ref('int_subjects_observed') }} where subject = '{{ subject }}')
{%- endmacro %}
