{% macro first_touched() -%}
    coalesce(getvariable('first_touched'), timestamp '-infinity')
{%- endmacro %}
