{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

frontier as (
    select * from {{ ref('frontier') }}
),

pairs as (
    select * from {{ ref('frontier_pairs') }}
),

scores as (
    select * from {{ ref('headline_scores') }}
),

-- Each day looks back along the closed frontier: when it first held what open holds now, and until when it was not
-- significantly better than that.
lookback as (
    select
        pairs.benchmark_id,
        pairs.as_of_on,
        min(frontier.from_on) filter (where closed.signed_score >= open.signed_score) as reached_on,
        max(least(coalesce(frontier.to_on, pairs.as_of_on), pairs.as_of_on)) filter (
            where closed.signed_score - open.signed_score <= 1.96 * sqrt(pow(closed.se_worse, 2) + pow(open.se_better, 2))
        ) as tied_on,
        bool_and(closed.se_worse is not null and open.se_better is not null) as has_errors
    from pairs
    inner join frontier
        on pairs.benchmark_id = frontier.benchmark_id and pairs.as_of_on >= frontier.from_on and frontier.access = 'closed'
    inner join scores as closed on frontier.benchmark_id = closed.benchmark_id and frontier.model_id = closed.model_id
    inner join scores as open on pairs.benchmark_id = open.benchmark_id and pairs.open_model_id = open.model_id
    group by pairs.benchmark_id, pairs.as_of_on
),

measured as (
    select
        pairs.*,
        closed.signed_score - open.signed_score as gap,
        closed.scale_kind,
        closed.scale_width,
        least(closed.n_benchmarks, open.n_benchmarks) >= 5 as has_five_benchmarks,
        lookback.reached_on,
        lookback.tied_on,
        lookback.has_errors
    from pairs
    inner join lookback on pairs.benchmark_id = lookback.benchmark_id and pairs.as_of_on = lookback.as_of_on
    inner join scores as closed on pairs.benchmark_id = closed.benchmark_id and pairs.closed_model_id = closed.model_id
    inner join scores as open on pairs.benchmark_id = open.benchmark_id and pairs.open_model_id = open.model_id
)

select
    benchmark_id,
    as_of_on,
    closed_model_id,
    closed_score,
    open_model_id,
    open_score,
    gap,
    case when scale_kind = 'accuracy' then gap / nullif(scale_width, 0) end as gap_share,
    case when scale_kind = 'rating' then 1 / (1 + pow(10, -gap / 400)) end as win_probability,
    as_of_on - reached_on as staleness_days,
    case when has_five_benchmarks and has_errors then as_of_on - tied_on end as lag_tolerant_days,
    nullif(concat_ws(
        '; ',
        case when reached_on is null then 'staleness_days: closed has not reached the open score' end,
        case
            when not has_five_benchmarks then 'lag_tolerant_days: a model has under 5 benchmarks'
            when not has_errors then 'lag_tolerant_days: no standard error'
            when tied_on is null then 'lag_tolerant_days: closed was always significantly better'
        end
    ), '') as reason
from measured
