{{ config(alias="run_costs", post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

run_costs as (
    select * from {{ ref('run_costs') }}
),

scores as (
    select * from {{ ref('scores') }}
),

benchmarks as (
    select * from {{ ref('benchmarks') }}
),

dated as (
    select
        run_costs.* exclude (n_cases),
        coalesce(run_costs.measured_on, cast(run_costs.captured_at as date)) as day_on,
        coalesce(run_costs.n_cases, benchmarks.n_cases) as n_cases,
        benchmarks.unit = 'percent' as is_percent
    from run_costs
    left join benchmarks on run_costs.benchmark_id = benchmarks.benchmark_id
),

-- One run per day: the newest capture that tells of it.
runs as (
    select *
    from dated
    where day_on <= {{ as_of() }}
    qualify row_number() over (
        partition by benchmark_id, model_id, variant, day_on order by captured_at desc, source_id, row_locator, capture_id
    ) = 1
),

-- The score of the same run: the same capture, label and variant.
solved as (
    select
        capture_id,
        model_label,
        model_id,
        benchmark_id,
        variant,
        measured_on,
        any_value(score order by row_locator) as score
    from scores
    group by capture_id, model_label, model_id, benchmark_id, variant, measured_on
)

select
    runs.benchmark_id,
    runs.model_id,
    runs.variant,
    runs.day_on as measured_on,
    runs.source_id,
    runs.n_cases,
    runs.total_cost_usd,
    solved.score,
    cast(runs.total_cost_usd as double) / nullif(runs.n_cases, 0) as usd_per_case,
    case
        when runs.is_percent then cast(runs.total_cost_usd as double) / nullif(runs.n_cases * solved.score / 100, 0)
    end as usd_per_solved_case,
    runs.seconds_per_case,
    runs.prompt_tokens / nullif(runs.n_cases, 0) as prompt_tokens_per_case,
    runs.completion_tokens / nullif(runs.n_cases, 0) as completion_tokens_per_case
from runs
left join solved
    on
        runs.capture_id = solved.capture_id
        and runs.model_label = solved.model_label
        and runs.model_id = solved.model_id
        and runs.benchmark_id = solved.benchmark_id
        and runs.variant is not distinct from solved.variant
        and runs.measured_on is not distinct from solved.measured_on
