with

run_costs as (
    select * from {{ source('raw', 'run_costs') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
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
    readings.page_url
from run_costs
inner join readings on run_costs.reading_id = readings.reading_id
