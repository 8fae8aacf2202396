{% macro touched_by(relation) %}
    {{ return(api.Relation.create(
        database=relation.database, schema='intermediate', identifier='touched_by_' ~ relation.identifier
    )) }}
{% endmacro %}
