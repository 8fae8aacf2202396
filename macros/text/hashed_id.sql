{% macro hashed_id(parts) -%}
    md5(
        {%- for part in parts %}
        coalesce(replace(cast({{ part }} as string), '|', '||'), '|null') || '|;'
        {{- ' || ' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
