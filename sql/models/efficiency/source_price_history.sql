{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

events as (
    select * from {{ ref('price_events') }}
),

models as (
    select * from {{ ref('models') }}
),

changes as (
    select
        *,
        lag(usd_per_mtok) over key_days as usd_before
    from events
    where on_date <= {{ as_of() }}
    window key_days as (partition by model_id, provider_id, source_id, token_kind, tier order by on_date)
    qualify row_number() over key_days = 1 or usd_per_mtok is distinct from usd_before
),

spans as (
    select
        *,
        lead(on_date) over (partition by model_id, provider_id, source_id, token_kind, tier order by on_date) as valid_to
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
        not spans.is_dated and (spans.usd_before is null or spans.is_sighting)
        and (models.released_on is null or spans.on_date - models.released_on > 30)
    ) as valid_from_is_censored,
    cast(spans.usd_per_mtok as double) / nullif(cast(lag(spans.usd_per_mtok) over (
        partition by spans.model_id, spans.provider_id, spans.source_id, spans.token_kind, spans.tier order by spans.on_date
    ) as double), 0) as change_ratio,
    spans.is_estimate,
    spans.capture_id,
    spans.row_locator
from spans
left join models on spans.model_id = models.model_id
where spans.usd_per_mtok is not null
