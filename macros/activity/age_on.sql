{#- A date as a number of eight digits: what lies between two of them in full years are the first four of the difference. -#}
{% macro age_on(birth_date, day) -%}
    {%- set digits = [] -%}
    {%- for date in [day, birth_date] -%}
        {%- do digits.append(
            "extract(year from " ~ date ~ ") * 10000 + extract(month from " ~ date ~ ") * 100 + extract(day from " ~ date ~ ")"
        ) -%}
    {%- endfor -%}
    {{ whole_quotient('(' ~ digits[0] ~ ') - (' ~ digits[1] ~ ')', 10000) }}
{%- endmacro %}
