{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
    {%- set or_equal = '=' if inclusive else '' -%}
    {%- set outside = [] -%}
    {%- if min_value is not none -%}
        {%- do outside.append('not ' ~ column_name ~ ' >' ~ or_equal ~ ' ' ~ min_value) -%}
    {%- endif -%}
    {%- if max_value is not none -%}
        {%- do outside.append('not ' ~ column_name ~ ' <' ~ or_equal ~ ' ' ~ max_value) -%}
    {%- endif -%}
    select *
    from {{ model }}
    where {{ outside | join(' or ') if outside else 'false' }}
{% endtest %}
