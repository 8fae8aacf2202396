{% macro user_bucket(user_id) -%}
    pmod(hash({{ user_id }}), {{ var('spark_user_buckets') }})
{%- endmacro %}
