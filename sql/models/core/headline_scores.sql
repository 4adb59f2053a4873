{{ config(materialized="view", post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

scores as (
    select * from {{ ref('scores') }}
    where is_headline and not {{ is_several_tries('variant') }}
),

models as (
    select * from {{ ref('models') }}
    where is_base is not true
),

benchmarks as (
    select * from {{ ref('benchmarks') }}
)

-- Two scores are compared by the upper one's lower side and the lower one's upper side; where less is better, sides change places.
select
    scores.benchmark_id,
    scores.model_id,
    models.organization_id,
    models.access,
    models.released_on,
    scores.variant,
    scores.score,
    case when benchmarks.higher_is_better is not false then scores.score else -scores.score end as signed_score,
    case when benchmarks.higher_is_better is not false then scores.se_low else scores.se_high end as se_worse,
    case when benchmarks.higher_is_better is not false then scores.se_high else scores.se_low end as se_better,
    benchmarks.scale_kind,
    benchmarks.score_max - benchmarks.score_min as scale_width,
    scores.reported_by,
    scores.is_contaminated,
    scores.source_id,
    count(*) over (partition by scores.model_id) as n_benchmarks
from scores
inner join models on scores.model_id = models.model_id
left join benchmarks on scores.benchmark_id = benchmarks.benchmark_id
