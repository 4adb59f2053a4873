{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

run_costs as (
    select * from {{ ref('run_costs') }}
    where is_current and coalesce(measured_on, cast(captured_at as date)) <= {{ as_of() }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
),

-- One row per run and day: of the source that comes first, its newest capture.
runs as (
    select
        run_costs.*,
        coalesce(sources.precedence, 50) as precedence
    from run_costs
    left join sources on run_costs.source_id = sources.source_id
    qualify row_number() over (
        partition by run_costs.benchmark_id, run_costs.model_id, run_costs.variant, run_costs.measured_on
        order by precedence, run_costs.captured_at desc, run_costs.source_id, run_costs.row_locator, run_costs.capture_id
    ) = 1
)

-- A run without a day is taken for the dated one, where there is one: a capture's day is no day of a measurement.
select
    benchmark_id,
    model_id,
    variant,
    measured_on,
    source_id,
    capture_id,
    row_locator,
    captured_at,
    model_label,
    total_cost_usd,
    n_cases,
    seconds_per_case,
    prompt_tokens,
    completion_tokens
from runs
qualify measured_on is not null or count(measured_on) over (partition by benchmark_id, model_id, variant) = 0
