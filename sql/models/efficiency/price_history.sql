{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

pieces as (
    select * from {{ ref('price_pieces') }}
),

models as (
    select * from {{ ref('models') }}
),

providers as (
    select * from {{ ref('providers') }}
),

flips as (
    select
        *,
        lag(is_preferred) over (
            partition by model_id, provider_id, source_id, token_kind, tier, valid_from order by cut_on
        ) as was_preferred
    from pieces
    qualify was_preferred is null or is_preferred != was_preferred
)

-- What a later piece says began earlier: its price did not change (ratio 1) and its start is no first day of a price.
select
    flips.model_id,
    flips.provider_id,
    flips.source_id,
    flips.token_kind,
    flips.tier,
    flips.cut_on as valid_from,
    coalesce(
        lead(flips.cut_on) over (
            partition by flips.model_id, flips.provider_id, flips.source_id, flips.token_kind, flips.tier, flips.valid_from
            order by flips.cut_on
        ),
        flips.valid_to
    ) as valid_to,
    flips.usd_per_mtok,
    flips.valid_from_is_censored or flips.was_preferred is not null as valid_from_is_censored,
    case when flips.was_preferred is null then flips.change_ratio else 1.0 end as change_ratio,
    flips.is_preferred,
    coalesce(providers.organization_id = models.organization_id, false) as is_first_party,
    flips.is_estimate,
    flips.capture_id,
    flips.row_locator
from flips
left join models on flips.model_id = models.model_id
left join providers on flips.provider_id = providers.provider_id
