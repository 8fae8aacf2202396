{% macro applied_loads(relation) %}
    {%- set identifier = 'applied_loads' if target.type == 'duckdb' else 'applied_loads_of_' ~ relation.identifier -%}
    {{ return(api.Relation.create(database=relation.database, schema='intermediate', identifier=identifier)) }}
{% endmacro %}
