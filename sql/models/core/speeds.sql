{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

speeds as (
    select * from {{ ref('stg_speeds') }}
    where captured_at <= {{ known_at() }}
),

labels as (
    select * from {{ source('core', 'labels') }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
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
    labels.variant,
    speeds.page_url,
    labels.model_id,
    labels.is_provisional,
    (
        coalesce(sources.page_is, 'snapshot') = 'history'
        or speeds.captured_at = max(speeds.captured_at) over (partition by speeds.source_id, speeds.page_url)
    ) as is_current
from speeds
inner join labels
    on
        speeds.model_label = labels.label
        and speeds.source_id = labels.source_id
        and {{ is_valid_on('labels', 'coalesce(speeds.measured_on, cast(speeds.captured_at as date))') }}
left join sources on speeds.source_id = sources.source_id
