{% macro is_new_to(applied) -%}
    (
        {%- for load in applied %}
        (feed = '{{ load[0] }}' and judged_in_load > {{ load[1] }}) or
        {%- endfor %}
        feed not in ({% for load in applied %}'{{ load[0] }}', {% endfor %}'')
    )
{%- endmacro %}
