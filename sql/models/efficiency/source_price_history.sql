{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

prices as (
    select * from {{ ref('prices') }}
),

models as (
    select * from {{ ref('models') }}
),

closures as (
    select * from {{ ref('price_closures') }}
),

-- One price per key and day. The reference files state the whole past, so there only what they say now counts.
seen as (
    select
        *,
        coalesce(effective_on, cast(captured_at as date)) as on_date,
    from prices
    where source_id != 'reference' or is_current
    qualify row_number() over (
        partition by model_id, provider_id, source_id, token_kind, tier, coalesce(effective_on, cast(captured_at as date))
        order by captured_at desc, variant nulls first, usd_per_mtok, row_locator, capture_id
    ) = 1
),

events as (
    select model_id, provider_id, source_id, token_kind, tier, on_date, usd_per_mtok, is_estimate, effective_on is not null as is_dated
    from seen
    union all
    select
        closures.model_id, closures.provider_id, closures.source_id, closures.token_kind, closures.tier, closures.closed_on,
        null as usd_per_mtok, null as is_estimate, null as is_dated
    from closures
    anti join seen
        on
            closures.model_id = seen.model_id
            and closures.provider_id = seen.provider_id
            and closures.source_id = seen.source_id
            and closures.token_kind = seen.token_kind
            and closures.tier is not distinct from seen.tier
            and closures.closed_on = seen.on_date
),

changes as (
    select
        *,
        lag(usd_per_mtok) over key_days as usd_before,
    from events
    where on_date <= {{ as_of() }}
    window key_days as (partition by model_id, provider_id, source_id, token_kind, tier order by on_date)
    qualify row_number() over key_days = 1 or usd_per_mtok is distinct from usd_before
),

spans as (
    select
        *,
        lead(on_date) over (partition by model_id, provider_id, source_id, token_kind, tier order by on_date) as valid_to,
    from changes
)

select
    spans.model_id,
    spans.provider_id,
    spans.source_id,
    spans.token_kind,
    spans.tier,
    spans.on_date as valid_from,
    spans.valid_to,
    spans.usd_per_mtok,
    (
        not spans.is_dated and spans.usd_before is null
        and (models.released_on is null or spans.on_date - models.released_on > 30)
    ) as valid_from_is_censored,
    cast(spans.usd_per_mtok as double) / nullif(cast(lag(spans.usd_per_mtok) over (
        partition by spans.model_id, spans.provider_id, spans.source_id, spans.token_kind, spans.tier order by spans.on_date
    ) as double), 0) as change_ratio,
    spans.is_estimate,
from spans
left join models on spans.model_id = models.model_id
where spans.usd_per_mtok is not null
