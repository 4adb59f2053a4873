{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

prices as (
    select * from {{ ref('price_history') }}
    where is_preferred and tier is null and token_kind in ('input', 'output', 'blended')
),

month_starts as (
    select unnest(generate_series(
        (select date_trunc('month', min(valid_from)) from prices), {{ as_of() }}, interval '1 month'
    )) as month_on
),

-- The last month is still running: it is taken as it stands on the day asked about.
months as (
    select
        cast(month_on as date) as month,
        least(last_day(month_on), {{ as_of() }}) as day_on
    from month_starts
),

-- 3 input : 1 output unless the source gives a blended price itself.
offers as (
    select
        months.month,
        prices.model_id,
        prices.provider_id,
        prices.is_first_party,
        any_value(prices.usd_per_mtok) filter (where prices.token_kind = 'input') as input_usd_per_mtok,
        any_value(prices.usd_per_mtok) filter (where prices.token_kind = 'output') as output_usd_per_mtok,
        coalesce(
            any_value(prices.usd_per_mtok) filter (where prices.token_kind = 'blended'),
            cast((3 * input_usd_per_mtok + output_usd_per_mtok) / 4 as decimal(18, 6))
        ) as blended_usd_per_mtok
    from months
    inner join prices on {{ is_within('months.day_on', 'prices.valid_from', 'prices.valid_to') }}
    group by months.month, prices.model_id, prices.provider_id, prices.is_first_party
)

-- A model costs what its own vendor asks; where the vendor does not sell it, the cheapest provider. Free offers are no price.
select
    month,
    model_id,
    provider_id,
    is_first_party,
    input_usd_per_mtok,
    output_usd_per_mtok,
    blended_usd_per_mtok
from offers
where blended_usd_per_mtok > 0
qualify row_number() over (
    partition by month, model_id order by is_first_party desc, blended_usd_per_mtok, provider_id
) = 1
