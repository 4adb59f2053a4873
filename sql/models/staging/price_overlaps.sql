{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

history as (
    select * from {{ ref('source_price_history') }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
),

-- The vendor's own page before feeds before the reference files, by the precedence that each source declares.
ranked as (
    select
        history.*,
        coalesce(history.valid_to, date '9999-12-31') as ends_on,
        coalesce(sources.precedence, case when history.source_id = 'reference' then 90 else 50 end) as precedence
    from history
    left join sources on history.source_id = sources.source_id
)

select
    lower_row.model_id,
    lower_row.provider_id,
    lower_row.source_id,
    lower_row.token_kind,
    lower_row.tier,
    lower_row.valid_from,
    upper_row.source_id as upper_source_id,
    greatest(upper_row.valid_from, lower_row.valid_from) as covered_from,
    least(upper_row.ends_on, lower_row.ends_on) as covered_to
from ranked as lower_row
inner join ranked as upper_row
    on
        lower_row.model_id = upper_row.model_id
        and lower_row.provider_id = upper_row.provider_id
        and lower_row.token_kind = upper_row.token_kind
        and lower_row.tier is not distinct from upper_row.tier
        and lower_row.valid_from < upper_row.ends_on
        and lower_row.ends_on > upper_row.valid_from
where (upper_row.precedence, upper_row.source_id) < (lower_row.precedence, lower_row.source_id)
