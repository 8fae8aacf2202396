{% macro bucketed(rules) -%}
    {{ rules }} || ', {{ var("spark_user_buckets") }} buckets'
{%- endmacro %}
