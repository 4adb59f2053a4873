with

prices as (
    select * from {{ source('raw', 'prices') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
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
    readings.page_url
from prices
inner join readings on prices.reading_id = readings.reading_id
