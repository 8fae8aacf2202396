{% macro is_valid_time(moment, loaded_at) -%}
    (
        {{ moment }} >= timestamp '{{ var("valid_time_from") }}'
        and {{ moment }} < timestamp '{{ var("valid_time_before") }}'
        and ({{ loaded_at }} is null or {{ moment }} <= {{ loaded_at }} + interval '{{ var("clock_skew_minutes") }} minutes')
    )
{%- endmacro %}
