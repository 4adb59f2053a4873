{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

prices as (
    select * from {{ ref('stg_prices') }}
    where captured_at <= {{ known_at() }}
),

labels as (
    select * from {{ source('core', 'labels') }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
)

select
    prices.source_id,
    prices.capture_id,
    prices.reading_id,
    prices.row_locator,
    prices.model_label,
    prices.source_url,
    prices.is_estimate,
    prices.notes,
    prices.captured_at,
    prices.provider_id,
    prices.token_kind,
    prices.usd_per_mtok,
    prices.amount_original,
    prices.currency,
    prices.unit_original,
    prices.fx_rate,
    prices.tier,
    prices.effective_on,
    prices.seen_on,
    prices.ends_on,
    labels.variant,
    prices.page_url,
    labels.model_id,
    labels.is_provisional,
    (
        coalesce(sources.page_is, 'snapshot') = 'history'
        or prices.captured_at = max(prices.captured_at) over (partition by prices.source_id, prices.page_url)
    ) as is_current
from prices
inner join labels
    on
        prices.model_label = labels.label
        and prices.source_id = labels.source_id
        and {{ is_valid_on('labels', 'coalesce(prices.effective_on, prices.seen_on, cast(prices.captured_at as date))') }}
left join sources on prices.source_id = sources.source_id
