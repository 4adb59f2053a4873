{# The day lies in the half-open validity [valid_from, valid_to) of the table; NULL = open. #}
{% macro is_valid_on(table, day) -%}
    (({{ table }}.valid_from is null or {{ table }}.valid_from <= {{ day }})
        and ({{ table }}.valid_to is null or {{ day }} < {{ table }}.valid_to))
{%- endmacro %}
