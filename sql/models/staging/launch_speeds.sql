{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

speeds as (
    select * from {{ ref('speeds') }}
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
        speeds.statistic,
        speeds.row_locator,
        speeds.captured_at,
        coalesce(speeds.measured_on, cast(speeds.captured_at as date)) as measured_on,
        coalesce(speeds.tokens_per_second, (speeds.tokens_per_second_low + speeds.tokens_per_second_high) / 2) as tokens_per_second,
        coalesce(speeds.tokens_per_second_low, speeds.tokens_per_second) as tokens_per_second_low,
        coalesce(speeds.tokens_per_second_high, speeds.tokens_per_second) as tokens_per_second_high,
        coalesce(providers.organization_id = models.organization_id, false) as is_first_party,
        models.released_on
    from speeds
    inner join models on speeds.model_id = models.model_id
    left join providers on speeds.provider_id = providers.provider_id
)

-- The speed nearest the release: of the vendor's own service before resellers, a median before other statistics.
select
    model_id,
    provider_id,
    source_id,
    statistic,
    measured_on,
    tokens_per_second,
    tokens_per_second_low,
    tokens_per_second_high
from dated
where tokens_per_second is not null and measured_on <= {{ as_of() }}
qualify row_number() over (
    partition by model_id
    order by
        is_first_party desc, statistic = 'median' desc, abs(measured_on - released_on), captured_at desc,
        provider_id, source_id, row_locator
) = 1
