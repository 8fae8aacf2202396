{% macro is_new_client(created_at) -%}
    coalesce({{ created_at }} >= timestamp '{{ var("onboarding_new_clients_from") }}', false)
{%- endmacro %}
