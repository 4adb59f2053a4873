{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

speeds as (
    select * from {{ ref('speeds') }}
    where statistic = 'median'
),

models as (
    select * from {{ ref('models') }}
),

providers as (
    select * from {{ ref('providers') }}
),

dated as (
    select
        speeds.model_id,
        speeds.provider_id,
        speeds.source_id,
        speeds.region,
        speeds.prompt_tokens,
        speeds.variant,
        speeds.captured_at,
        speeds.row_locator,
        speeds.capture_id,
        coalesce(speeds.measured_on, cast(speeds.captured_at as date)) as measured_on,
        coalesce(speeds.tokens_per_second, (speeds.tokens_per_second_low + speeds.tokens_per_second_high) / 2) as tokens_per_second,
        coalesce(speeds.tokens_per_second_low, speeds.tokens_per_second) as tokens_per_second_low,
        coalesce(speeds.tokens_per_second_high, speeds.tokens_per_second) as tokens_per_second_high,
        case when providers.organization_id = models.organization_id then models.organization_id end as vendor_id,
        models.released_on
    from speeds
    inner join models on speeds.model_id = models.model_id
    left join providers on speeds.provider_id = providers.provider_id
),

-- A reading that several captures show counts once, as the newest has it.
readings as (
    select *
    from dated
    where tokens_per_second is not null and measured_on <= {{ as_of() }}
    qualify row_number() over (
        partition by model_id, provider_id, source_id, region, prompt_tokens, variant, measured_on
        order by captured_at desc, row_locator, capture_id
    ) = 1
),

-- Of the vendor's own service, else of all who serve the model: every reading of the day nearest the release.
nearest as (
    select *
    from readings
    qualify rank() over (
        partition by model_id
        order by vendor_id is null, abs(measured_on - released_on) nulls last, measured_on
    ) = 1
)

select
    model_id,
    vendor_id,
    case when count(distinct provider_id) = 1 then min(provider_id) end as provider_id,
    measured_on,
    median(tokens_per_second) as tokens_per_second,
    min(tokens_per_second_low) as tokens_per_second_low,
    max(tokens_per_second_high) as tokens_per_second_high,
    count(*) as n_readings,
    list(
        struct_pack(capture_id := capture_id, row_locator := row_locator) order by capture_id, row_locator
    ) as speed_rows
from nearest
group by model_id, vendor_id, measured_on
