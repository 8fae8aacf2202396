{% macro raw_row_as_json(names) -%}
    case
        when _broken_reason is not null then {{ row_as_json(['_broken_line']) }}
        else {{ merge_json(row_as_json(names), '_other_columns') }}
    end
{%- endmacro %}
