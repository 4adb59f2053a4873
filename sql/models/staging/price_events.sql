{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

prices as (
    select * from {{ ref('prices') }}
),

closures as (
    select * from {{ ref('price_closures') }}
),

-- The reference files state the whole past, so there only what they say now counts.
stated as (
    select
        *,
        coalesce(effective_on, seen_on, cast(captured_at as date)) as on_date
    from prices
    where source_id != 'reference' or is_current
),

-- One price per key and day.
seen as (
    select *
    from stated
    where ends_on is null or ends_on > on_date
    qualify row_number() over (
        partition by model_id, provider_id, source_id, token_kind, tier, on_date
        order by captured_at desc, effective_on nulls last, variant nulls first, usd_per_mtok, row_locator, capture_id
    ) = 1
),

-- An end that is told counts unless a later price of the same key came before it.
told_ends as (
    select stated.*
    from stated
    anti join seen
        on
            stated.model_id = seen.model_id
            and stated.provider_id = seen.provider_id
            and stated.source_id = seen.source_id
            and stated.token_kind = seen.token_kind
            and stated.tier is not distinct from seen.tier
            and stated.on_date < seen.on_date
            and stated.ends_on >= seen.on_date
    where stated.ends_on is not null
),

ends as (
    select
        model_id,
        provider_id,
        source_id,
        token_kind,
        tier,
        closed_on as end_on
    from closures
    union
    select
        model_id,
        provider_id,
        source_id,
        token_kind,
        tier,
        ends_on as end_on
    from told_ends
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
        (effective_on is not null) as is_dated,
        (effective_on is null and seen_on is not null) as is_sighting,
        capture_id,
        row_locator
    from seen
    union all
    select
        ends.model_id,
        ends.provider_id,
        ends.source_id,
        ends.token_kind,
        ends.tier,
        ends.end_on,
        null as usd_per_mtok,
        null as is_estimate,
        null as is_dated,
        null as is_sighting,
        null as capture_id,
        null as row_locator
    from ends
    anti join seen
        on
            ends.model_id = seen.model_id
            and ends.provider_id = seen.provider_id
            and ends.source_id = seen.source_id
            and ends.token_kind = seen.token_kind
            and ends.tier is not distinct from seen.tier
            and ends.end_on = seen.on_date
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
    is_dated,
    is_sighting,
    capture_id,
    row_locator
from events
