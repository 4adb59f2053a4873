{#
    Which effort counts where the benchmark declares no default variant: the one that names no effort, then 'medium'
    (the default of OpenAI's API: https://platform.openai.com/docs/guides/reasoning), what the label calls the default, or
    plain thinking; then more effort, then less, then none at all. A run with tools, several tries, another judge or a part
    of the cases is no plain run, whatever its effort: last.
#}
{% macro effort_rank(variant) -%}
    case
        when {{ variant }} is null then 0
        when regexp_matches({{ variant }}, '@|tools|search|grader|parallel|text-only') then 6
        when regexp_matches({{ variant }}, '(^|, )(none|minimal|no-think)') then 5
        when regexp_matches({{ variant }}, '(^|, )low(-|,|$)') then 4
        when regexp_matches({{ variant }}, '(^|, )(xhigh|max)(-|,|$)') then 3
        when regexp_matches({{ variant }}, '(^|, )high(-|,|$)') then 2
        when regexp_matches({{ variant }}, '(^|, )medium(-|,|$)|think') then 1
        else 0
    end
{%- endmacro %}

{# The publisher itself restricts the run: a cap on its budget, a mark, or withdrawn from its ranking. #}
{% macro is_restricted(variant) -%}
    coalesce(regexp_matches({{ variant }}, '(^|, )(capped|marked|deprecated)(,|$)'), false)
{%- endmacro %}

{# The best of, or the vote among, several answers: no score of one answer, so it stands on no frontier. #}
{% macro is_several_tries(variant) -%}
    coalesce(
        regexp_matches({{ variant }}, '(^|, |-)(cons|maj|best|pass)@') and not regexp_matches({{ variant }}, '(^|, |-)pass@1(,|-|$)'),
        false
    )
{%- endmacro %}
