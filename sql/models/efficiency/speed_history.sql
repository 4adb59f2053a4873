{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

speeds as (
    select * from {{ ref('speeds') }}
),

dated as (
    select
        *,
        coalesce(measured_on, cast(captured_at as date)) as day_on
    from speeds
)

select
    model_id,
    provider_id,
    statistic,
    day_on as measured_on,
    source_id,
    region,
    prompt_tokens,
    tokens_per_second,
    tokens_per_second_low,
    tokens_per_second_high,
    ttft_seconds,
    capture_id,
    row_locator
from dated
where day_on <= {{ as_of() }}
qualify row_number() over (
    partition by model_id, provider_id, statistic, day_on, source_id, region, prompt_tokens
    order by captured_at desc, variant nulls first, row_locator, capture_id
) = 1
