{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

successions as (
    select * from {{ ref('successions') }}
),

models as (
    select * from {{ ref('models') }}
    where released_on <= {{ as_of() }}
),

prices as (
    select * from {{ ref('first_prices') }}
),

speeds as (
    select * from {{ ref('launch_speeds') }}
)

select
    successions.model_id,
    successions.predecessor_id,
    successions.kind,
    price.input_usd_per_mtok,
    price.output_usd_per_mtok,
    old_price.input_usd_per_mtok as predecessor_input_usd_per_mtok,
    old_price.output_usd_per_mtok as predecessor_output_usd_per_mtok,
    speed.tokens_per_second,
    speed.tokens_per_second_low,
    speed.tokens_per_second_high,
    old_speed.tokens_per_second as predecessor_tokens_per_second,
    old_speed.tokens_per_second_low as predecessor_tokens_per_second_low,
    old_speed.tokens_per_second_high as predecessor_tokens_per_second_high,
    cast(old_price.input_usd_per_mtok as double) / nullif(cast(price.input_usd_per_mtok as double), 0) as input_price_ratio,
    cast(old_price.output_usd_per_mtok as double) / nullif(cast(price.output_usd_per_mtok as double), 0) as output_price_ratio,
    -- Two services differ by more than two models: a ratio is of one provider, or of the vendor's own service.
    coalesce(speed.vendor_id = old_speed.vendor_id, false) or coalesce(speed.provider_id = old_speed.provider_id, false) as is_same_service,
    case
        when is_same_service then speed.tokens_per_second / nullif(old_speed.tokens_per_second, 0)
    end as speed_ratio,
    case
        when is_same_service then speed.tokens_per_second_low / nullif(old_speed.tokens_per_second_high, 0)
    end as speed_ratio_low,
    case
        when is_same_service then speed.tokens_per_second_high / nullif(old_speed.tokens_per_second_low, 0)
    end as speed_ratio_high
from successions
semi join models on successions.model_id = models.model_id
left join prices as price on successions.model_id = price.model_id
left join prices as old_price on successions.predecessor_id = old_price.model_id
left join speeds as speed on successions.model_id = speed.model_id
left join speeds as old_speed on successions.predecessor_id = old_speed.model_id
