{#- A date, so that it is compared with dates as they are written. -#}
{% macro first_touched() -%}
    {%- set first = "coalesce(cast(cast(min(recompute_from) as date) as varchar), 'infinity')" -%}
    date '{{ run_query("select " ~ first ~ " from " ~ touched_by(this)).rows[0][0] }}'
{%- endmacro %}
