{% macro observed_from(subject) -%}
    (select observed_from from {{ ref('int_subjects_observed') }} where subject = '{{ subject }}')
{%- endmacro %}
