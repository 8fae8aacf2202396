{% macro taxonomy_rules() -%}
    {{ session_rules() }} || (
        select coalesce(md5(string_agg(event_name || '=' || event_category, ',' order by event_name)), '')
        from {{ ref('event_taxonomy') }}
    )
{%- endmacro %}
