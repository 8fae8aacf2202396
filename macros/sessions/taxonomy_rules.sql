{% macro taxonomy_rules() -%}
    {{ session_rules() }} || (
        select coalesce(md5({{ joined_in_order("event_name || '=' || event_category", ',', order_by='event_name') }}), '')
        from {{ ref('event_taxonomy') }}
    )
{%- endmacro %}
