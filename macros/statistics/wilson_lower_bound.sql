{% macro wilson_lower_bound(successes, trials) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set rate = ratio(successes, trials) -%}
    (
        {{ rate }} + {{ z ** 2 / 2 }} / nullif({{ trials }}, 0)
        - {{ z }} * sqrt(
            ({{ rate }} * (1 - {{ rate }}) + {{ z ** 2 / 4 }} / nullif({{ trials }}, 0)) / nullif({{ trials }}, 0)
        )
    ) / (1 + {{ z ** 2 }} / nullif({{ trials }}, 0))
{%- endmacro %}
