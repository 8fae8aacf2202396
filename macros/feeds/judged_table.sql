{% macro judged_table(base) %}
    {{ return(base.incorporate(path={'identifier': 'judged_' ~ base.identifier})) }}
{% endmacro %}
