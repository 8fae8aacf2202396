{% macro percentile_among(value, peers) -%}
    case
        when count(*) over (partition by {{ peers }}) = 1 then 0.5
        else ({{ mean_rank(value, peers) }} - 1) / (count(*) over (partition by {{ peers }}) - 1)
    end
{%- endmacro %}
