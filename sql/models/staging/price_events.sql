{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

prices as (
    select * from {{ ref('prices') }}
),

closures as (
    select * from {{ ref('price_closures') }}
),

-- One price per key and day. The reference files state the whole past, so there only what they say now counts.
seen as (
    select
        *,
        coalesce(effective_on, cast(captured_at as date)) as on_date
    from prices
    where source_id != 'reference' or is_current
    qualify row_number() over (
        partition by model_id, provider_id, source_id, token_kind, tier, coalesce(effective_on, cast(captured_at as date))
        order by captured_at desc, variant nulls first, usd_per_mtok, row_locator, capture_id
    ) = 1
),

events as (
    select
        model_id,
        provider_id,
        source_id,
        token_kind,
        tier,
        on_date,
        usd_per_mtok,
        is_estimate,
        (effective_on is not null) as is_dated
    from seen
    union all
    select
        closures.model_id,
        closures.provider_id,
        closures.source_id,
        closures.token_kind,
        closures.tier,
        closures.closed_on,
        null as usd_per_mtok,
        null as is_estimate,
        null as is_dated
    from closures
    anti join seen
        on
            closures.model_id = seen.model_id
            and closures.provider_id = seen.provider_id
            and closures.source_id = seen.source_id
            and closures.token_kind = seen.token_kind
            and closures.tier is not distinct from seen.tier
            and closures.closed_on = seen.on_date
)

select
    model_id,
    provider_id,
    source_id,
    token_kind,
    tier,
    on_date,
    usd_per_mtok,
    is_estimate,
    is_dated
from events
