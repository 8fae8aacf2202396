{% macro feed_reason(column, has_loaded_at=false) %}
    {%- set text = column.name ~ '_text' -%}
    {%- set value = column.name ~ '_value' -%}
    {%- set loaded_at = 'coalesce(loaded_at_value, _loaded_at)'
        if has_loaded_at and column.name != 'loaded_at' else '_loaded_at' -%}
    case
        {%- if column.required %}
        when {{ text }} is null then '{{ column.name }}: empty'
        {%- endif %}
        when {{ has_null_byte(text) }} then '{{ column.name }}: null_byte'
        {%- if column.type in ('number', 'whole') %}
        when not {{ is_number(text) }} then '{{ column.name }}: not_a_number'
        {%- if column.type == 'whole' %}
        when {{ has_fraction(text) }} then '{{ column.name }}: not_whole'
        {%- endif %}
        when {{ text }} is not null and {{ value }} is null then '{{ column.name }}: out_of_range'
        {%- if column.min is defined %}
        when
            {{ value }} < {{ column.min }}
            {%- for other, exempt in column.get('min_unless', {}).items() %}
            and coalesce({{ other }}_text, '') != '{{ exempt }}'
            {%- endfor %}
            then '{{ column.name }}: out_of_range'
        {%- endif %}
        {%- if column.max is defined %}
        when {{ value }} > {{ column.max }} then '{{ column.name }}: out_of_range'
        {%- endif %}
        {%- elif column.type == 'timestamp' %}
        when {{ text }} is not null and {{ value }} is null then '{{ column.name }}: timestamp_unparseable'
        when not {{ is_valid_time(value, loaded_at) }} then '{{ column.name }}: timestamp_out_of_range'
        {%- elif column.get('values') %}
        when {{ text }} not in ('{{ column.get("values") | join("', '") }}') then '{{ column.name }}: unknown_value'
        {%- endif %}
    end
{% endmacro %}
