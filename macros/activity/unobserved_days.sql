{% macro unobserved_days(moment) -%}
    case
        when {{ moment }} < {{ observed_from('activity') }}
            then {{ days_passed(moment, observed_from('activity') ~ " - interval '1 microsecond'") }} + 1
        else 0
    end
{%- endmacro %}
