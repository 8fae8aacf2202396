{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model.config.column_types %}
    {% set batches = [] %}
    {% for batch in agate_table.rows | batch(get_batch_size()) %}
        {% set rows = [] %}
        {% for row in batch %}
            {% set values = [] %}
            {% for name in agate_table.column_names %}
                {% do values.append('cast(' ~ text_literal(row[name]) ~ ' as ' ~ types[name] ~ ')') %}
            {% endfor %}
            {% do rows.append('(' ~ values | join(', ') ~ ')') %}
        {% endfor %}
        {% set statement = 'insert into ' ~ this ~ ' values\n' ~ rows | join(',\n') %}
        {% do adapter.add_query(statement, abridge_sql_log=True) %}
        {% do batches.append(statement) %}
    {% endfor %}
    {{ return(batches | first | default('')) }}
{% endmacro %}
