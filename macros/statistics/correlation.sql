{% macro correlation(x, y) -%}
    case
        when min({{ x }}) < max({{ x }}) and min({{ y }}) < max({{ y }})
            then {{ steady('corr(cast(' ~ x ~ ' as double), cast(' ~ y ~ ' as double))') }}
    end
{%- endmacro %}
