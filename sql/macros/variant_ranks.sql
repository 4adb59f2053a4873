{#
    Which effort counts where the benchmark declares no default variant: the one that names no effort, then 'medium'
    (the default of OpenAI's API: https://platform.openai.com/docs/guides/reasoning) or what the label calls the default.
    A run with tools, several tries, another judge or a part of the cases is no plain run, whatever its effort: last.
#}
{% macro effort_rank(variant) -%}
    case
        when {{ variant }} is null then 0
        when regexp_matches({{ variant }}, '@|tools|search|grader|parallel|text-only') then 3
        when regexp_matches({{ variant }}, '(^|, )medium(-|,|$)|default-think') then 1
        when regexp_matches({{ variant }}, '(^|, )(none|minimal|low|high|xhigh|max)(-|,|$)|think') then 2
        else 0
    end
{%- endmacro %}

{# The publisher itself restricts the run: a cap on its budget, a mark, or withdrawn from its ranking. #}
{% macro is_restricted(variant) -%}
    coalesce(regexp_matches({{ variant }}, '(^|, )(capped|marked|deprecated)(,|$)'), false)
{%- endmacro %}
