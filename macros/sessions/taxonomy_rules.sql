{% macro taxonomy_rules(column) -%}
    {%- set known = "event_name || '=' || coalesce(cast(" ~ column ~ " as string), '')" -%}
    {{ session_rules() }} || (
        select coalesce(md5({{ joined_in_order(known, ',', order_by='event_name') }}), '')
        from {{ ref('event_taxonomy') }}
    )
{%- endmacro %}
