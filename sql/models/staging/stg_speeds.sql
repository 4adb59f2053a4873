with

speeds as (
    select * from {{ source('raw', 'speeds') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
)

select
    speeds.source_id,
    speeds.capture_id,
    speeds.reading_id,
    speeds.row_locator,
    speeds.model_label,
    speeds.source_url,
    speeds.is_estimate,
    speeds.notes,
    speeds.captured_at,
    speeds.provider_id,
    speeds.tokens_per_second,
    speeds.tokens_per_second_low,
    speeds.tokens_per_second_high,
    speeds.ttft_seconds,
    speeds.region,
    speeds.prompt_tokens,
    speeds.statistic,
    speeds.measured_on,
    readings.page_url
from speeds
inner join readings on speeds.reading_id = readings.reading_id
