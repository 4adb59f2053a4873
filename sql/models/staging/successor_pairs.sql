{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

successions as (
    select * from {{ ref('successions') }}
),

models as (
    select * from {{ ref('models') }}
    where released_on <= {{ as_of() }}
),

older_models as (
    select * from {{ ref('models') }}
),

benchmarks as (
    select * from {{ ref('benchmarks') }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
),

scores as (
    select
        scores.*,
        coalesce(sources.precedence, 50) as precedence
    from {{ ref('scores') }} as scores
    left join sources on scores.source_id = sources.source_id
    where scores.is_current
),

-- Base and chat models are different models: what tuning added is not what the successor added.
pairs as (
    select
        successions.model_id,
        successions.predecessor_id
    from successions
    inner join models on successions.model_id = models.model_id
    left join older_models on successions.predecessor_id = older_models.model_id
    where coalesce(models.is_base, false) = coalesce(older_models.is_base, false)
    group by successions.model_id, successions.predecessor_id
)

-- Like with like: the same benchmark and variant; of several such pairs of scores the one from a single source and a
-- single kind of reporter, independent before vendor. Ratings compare within one capture only.
select
    pairs.model_id,
    pairs.predecessor_id,
    newer.benchmark_id,
    newer.variant,
    newer.score,
    older.score as predecessor_score,
    case when benchmarks.higher_is_better is not false then newer.score - older.score else older.score - newer.score end as delta,
    case
        when newer.score >= older.score then sqrt(pow(newer.se_low, 2) + pow(older.se_high, 2))
        else sqrt(pow(newer.se_high, 2) + pow(older.se_low, 2))
    end as delta_se,
    newer.source_id,
    older.source_id as predecessor_source_id,
    newer.reported_by,
    older.reported_by as predecessor_reported_by,
    newer.capture_id,
    newer.row_locator,
    older.capture_id as predecessor_capture_id,
    older.row_locator as predecessor_row_locator
from pairs
inner join scores as newer on pairs.model_id = newer.model_id
inner join scores as older
    on
        pairs.predecessor_id = older.model_id
        and newer.benchmark_id = older.benchmark_id
        and newer.variant is not distinct from older.variant
left join benchmarks on newer.benchmark_id = benchmarks.benchmark_id
where benchmarks.scale_kind is distinct from 'rating' or newer.capture_id = older.capture_id
qualify row_number() over (
    partition by pairs.model_id, pairs.predecessor_id, newer.benchmark_id, newer.variant
    order by
        newer.source_id != older.source_id, newer.reported_by != older.reported_by, newer.reported_by, older.reported_by,
        newer.precedence + older.precedence, least(newer.captured_at, older.captured_at) desc,
        newer.source_id, older.source_id, newer.row_locator, older.row_locator, newer.score, older.score
) = 1
