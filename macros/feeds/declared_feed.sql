{% macro declared_feed(source_name, feed) %}
    {% if execute %}
        {% set declared = graph.sources.values() | selectattr('source_name', 'equalto', source_name)
            | selectattr('name', 'equalto', feed) | first %}
        {% set columns = [] %}
        {% for column in declared.columns.values() %}
            {% do columns.append(dict(column.config.meta, name=column.name)) %}
        {% endfor %}
        {{ return(dict(declared.config.meta, name=feed, columns=columns)) }}
    {% endif %}
    {{ return({'name': feed, 'key': feed, 'columns': []}) }}
{% endmacro %}
