{% macro correlation(x, y) -%}
    case
        when min({{ x }}) < max({{ x }}) and min({{ y }}) < max({{ y }})
            then least(1.0, greatest(-1.0, corr({{ x }}, {{ y }})))
    end
{%- endmacro %}
