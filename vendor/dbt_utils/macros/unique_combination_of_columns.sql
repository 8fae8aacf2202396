{% test unique_combination_of_columns(model, combination_of_columns) %}
    {%- set key = combination_of_columns | join(', ') -%}
    select
        {{ key }},
        count(*) as row_count
    from {{ model }}
    group by {{ key }}
    having count(*) > 1
{% endtest %}
