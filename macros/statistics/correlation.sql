{% macro correlation(x, y) -%}
    case
        when min({{ x }}) < max({{ x }}) and min({{ y }}) < max({{ y }})
            then {{ steady('corr(' ~ x ~ ', ' ~ y ~ ')') }}
    end
{%- endmacro %}
