{# The day lies in the half-open span [from_on, to_on); NULL = open. #}
{% macro is_within(day, from_on, to_on) -%}
    {{ day }} >= {{ from_on }} and ({{ to_on }} is null or {{ day }} < {{ to_on }})
{%- endmacro %}
