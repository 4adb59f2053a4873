{# [from, to) of one key: never empty, never overlapping. #}
{% test half_open(model, keys, from_column, to_column, where='true') %}
    with

    spans as (
        select
            {{ from_column }} as span_from,
            {{ to_column }} as span_to,
            lead({{ from_column }}) over (partition by {{ keys | join(', ') }} order by {{ from_column }}) as next_from,
        from {{ model }}
        where {{ where }}
    )

    select span_from, span_to, next_from
    from spans
    where span_to <= span_from or next_from < coalesce(span_to, date '9999-12-31')
{% endtest %}
