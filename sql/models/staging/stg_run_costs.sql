with

run_costs as (
    select * from {{ source('raw', 'run_costs') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
),

-- A run is of the same model as its score on the same page.
run_scores as (
    select
        reading_id,
        model_label,
        benchmark_id,
        variant,
        min(identity_on) as identity_on
    from {{ ref('stg_scores') }}
    group by reading_id, model_label, benchmark_id, variant
)

select
    run_costs.source_id,
    run_costs.capture_id,
    run_costs.reading_id,
    run_costs.row_locator,
    run_costs.model_label,
    run_costs.source_url,
    run_costs.is_estimate,
    run_costs.notes,
    run_costs.captured_at,
    run_costs.benchmark_id,
    run_costs.variant,
    run_costs.total_cost_usd,
    run_costs.n_cases,
    run_costs.seconds_per_case,
    run_costs.prompt_tokens,
    run_costs.completion_tokens,
    run_costs.measured_on,
    readings.page_url,
    coalesce(
        run_costs.measured_on,
        run_scores.identity_on,
        cast(min(run_costs.captured_at) over (
            partition by
                run_costs.source_id, run_costs.benchmark_id, run_costs.model_label, run_costs.variant, run_costs.total_cost_usd,
                run_costs.seconds_per_case, run_costs.prompt_tokens, run_costs.completion_tokens
        ) as date)
    ) as identity_on
from run_costs
inner join readings on run_costs.reading_id = readings.reading_id
left join run_scores
    on
        run_costs.reading_id = run_scores.reading_id
        and run_costs.model_label = run_scores.model_label
        and run_costs.benchmark_id = run_scores.benchmark_id
        and run_costs.variant is not distinct from run_scores.variant
