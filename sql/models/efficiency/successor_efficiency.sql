{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

pairs as (
    select * from {{ ref('successor_ratios') }}
),

-- Cheaper: neither price is dearer and one is lower. Faster: the whole range of the ratio lies above 1.
judged as (
    select
        *,
        least(input_price_ratio, output_price_ratio) >= 1 and greatest(input_price_ratio, output_price_ratio) > 1 as is_cheaper,
        speed_ratio_low > 1 as is_faster,
        input_price_ratio is not null and output_price_ratio is not null as has_prices
    from pairs
)

select
    model_id,
    predecessor_id,
    kind,
    input_usd_per_mtok,
    output_usd_per_mtok,
    predecessor_input_usd_per_mtok,
    predecessor_output_usd_per_mtok,
    tokens_per_second,
    tokens_per_second_low,
    tokens_per_second_high,
    predecessor_tokens_per_second,
    predecessor_tokens_per_second_low,
    predecessor_tokens_per_second_high,
    input_price_ratio,
    output_price_ratio,
    speed_ratio,
    speed_ratio_low,
    speed_ratio_high,
    case
        when is_cheaper and has_prices and is_faster then 'both'
        when is_cheaper and has_prices then 'cheaper'
        when is_faster then 'faster'
        when has_prices and speed_ratio is not null then 'neither'
    end as verdict,
    nullif(concat_ws(
        '; ',
        case when not has_prices then 'no first-party standard price of both models, for input and output' end,
        case
            when tokens_per_second is null or predecessor_tokens_per_second is null then 'no median speed of both models'
            when speed_ratio is null then 'the speeds are of different providers'
        end
    ), '') as reason
from judged
