{% macro metrics_as_rows(relation, key, metrics) -%}
    {% for metric in metrics -%}
    select
        {{ key }} as entity_id,
        '{{ metric }}' as metric,
        cast({{ metric }} as double) as metric_value
    from {{ relation }}
    where {{ metric }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
{%- endmacro %}
