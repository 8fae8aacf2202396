{% macro correlations_of(subject, ranked, metrics) -%}
    {% for x in metrics -%}
    {% set last_metric = loop.last -%}
    {% for y in metrics -%}
    select
        '{{ subject }}' as subject,
        '{{ x }}' as metric_x,
        '{{ y }}' as metric_y,
        {{ correlation(x, y) }} as pearson,
        {{ correlation(x ~ '_beside_' ~ y, y ~ '_beside_' ~ x) }} as spearman,
        count(*) as sample_size
    from {{ ranked }}
    where {{ x }} is not null and {{ y }} is not null
    having count(*) > 0
    {% if not (last_metric and loop.last) %}
    union all
    {% endif %}
    {% endfor %}
    {% endfor %}
{%- endmacro %}
