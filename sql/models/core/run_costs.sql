{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

run_costs as (
    select * from {{ ref('stg_run_costs') }}
    where captured_at <= {{ known_at() }}
),

labels as (
    select * from {{ source('core', 'labels') }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
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
    nullif(concat_ws(', ', labels.variant, run_costs.variant), '') as variant,
    run_costs.total_cost_usd,
    run_costs.n_cases,
    run_costs.seconds_per_case,
    run_costs.prompt_tokens,
    run_costs.completion_tokens,
    run_costs.measured_on,
    run_costs.page_url,
    labels.model_id,
    labels.is_provisional,
    (
        coalesce(sources.page_is, 'snapshot') = 'history'
        or run_costs.captured_at = max(run_costs.captured_at) over (partition by run_costs.source_id, run_costs.benchmark_id)
    ) as is_current
from run_costs
inner join labels
    on
        run_costs.model_label = labels.label
        and run_costs.source_id = labels.source_id
        and {{ is_valid_on('labels', 'run_costs.identity_on') }}
left join sources on run_costs.source_id = sources.source_id
