{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

-- A price of 0 is an offer to try the model, or a feed's way to say that there is none.
prices as (
    select * from {{ ref('price_history') }}
    where is_first_party and tier is null and token_kind in ('input', 'output') and usd_per_mtok > 0
),

-- A price whose first day is known comes before one that was merely seen late.
first_of_kind as (
    select *
    from prices
    qualify row_number() over (
        partition by model_id, token_kind
        order by valid_from_is_censored, valid_from, is_preferred desc, source_id, provider_id
    ) = 1
)

select
    model_id,
    any_value(usd_per_mtok) filter (where token_kind = 'input') as input_usd_per_mtok,
    any_value(usd_per_mtok) filter (where token_kind = 'output') as output_usd_per_mtok,
    min(valid_from) as valid_from,
    bool_or(valid_from_is_censored) as valid_from_is_censored,
    list(
        struct_pack(token_kind := token_kind, provider_id := provider_id, source_id := source_id, valid_from := valid_from)
        order by token_kind
    ) as price_rows
from first_of_kind
group by model_id
