{{ config(alias="run_costs", post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

current_runs as (
    select * from {{ ref('current_runs') }}
),

scores as (
    select * from {{ ref('scores') }}
),

benchmarks as (
    select * from {{ ref('benchmarks') }}
),

-- The score of the same run stands in the same capture; where a source keeps scores and costs in two files, in its
-- other one.
captured_scores as (
    select
        capture_id,
        source_id,
        model_label,
        model_id,
        benchmark_id,
        variant,
        measured_on,
        bool_or(is_current) as is_current,
        any_value(score order by row_locator) as score,
        min(row_locator) as row_locator
    from scores
    group by capture_id, source_id, model_label, model_id, benchmark_id, variant, measured_on
),

runs as (
    select
        current_runs.* exclude (n_cases),
        coalesce(current_runs.n_cases, benchmarks.n_cases) as n_cases,
        benchmarks.unit = 'percent' as is_percent,
        captured_scores.score,
        captured_scores.capture_id as score_capture_id,
        captured_scores.row_locator as score_row_locator
    from current_runs
    left join benchmarks on current_runs.benchmark_id = benchmarks.benchmark_id
    left join captured_scores
        on
            current_runs.source_id = captured_scores.source_id
            and current_runs.model_label = captured_scores.model_label
            and current_runs.model_id = captured_scores.model_id
            and current_runs.benchmark_id = captured_scores.benchmark_id
            and current_runs.variant is not distinct from captured_scores.variant
            and current_runs.measured_on is not distinct from captured_scores.measured_on
            and (current_runs.capture_id = captured_scores.capture_id or captured_scores.is_current)
    qualify row_number() over (
        partition by current_runs.benchmark_id, current_runs.model_id, current_runs.variant, current_runs.measured_on
        order by coalesce(current_runs.capture_id = captured_scores.capture_id, false) desc, captured_scores.capture_id
    ) = 1
)

select
    benchmark_id,
    model_id,
    variant,
    measured_on,
    source_id,
    n_cases,
    total_cost_usd,
    score,
    cast(total_cost_usd as double) / nullif(n_cases, 0) as usd_per_case,
    case when is_percent then cast(total_cost_usd as double) / nullif(n_cases * score / 100, 0) end as usd_per_solved_case,
    seconds_per_case,
    prompt_tokens / nullif(n_cases, 0) as prompt_tokens_per_case,
    completion_tokens / nullif(n_cases, 0) as completion_tokens_per_case,
    capture_id,
    row_locator,
    score_capture_id,
    score_row_locator
from runs
