{% macro applied_loads(relation) %}
    {{ return(api.Relation.create(database=relation.database, schema='intermediate', identifier='applied_loads')) }}
{% endmacro %}
