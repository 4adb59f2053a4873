{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

prices as (
    select * from {{ ref('month_end_prices') }}
),

scores as (
    select * from {{ ref('headline_scores') }}
),

offers as (
    select
        scores.benchmark_id,
        prices.month,
        scores.model_id,
        scores.score,
        scores.signed_score,
        prices.blended_usd_per_mtok,
        prices.provider_id
    from scores
    inner join prices on scores.model_id = prices.model_id
),

-- Best score among the strictly cheaper offers, and among those of the same price.
compared as (
    select
        *,
        max(signed_score) over (
            partition by benchmark_id, month order by blended_usd_per_mtok groups between unbounded preceding and 1 preceding
        ) as best_cheaper,
        max(signed_score) over (partition by benchmark_id, month, blended_usd_per_mtok) as best_at_price
    from offers
)

select
    benchmark_id,
    month,
    model_id,
    score,
    blended_usd_per_mtok,
    signed_score = best_at_price and (best_cheaper is null or signed_score > best_cheaper) as on_frontier,
    provider_id
from compared
