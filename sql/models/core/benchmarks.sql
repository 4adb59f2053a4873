with

registry as (
    select * from {{ source('reference', 'benchmarks') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
),

imported as (
    select
        benchmarks.*,
        readings.captured_at
    from {{ source('raw', 'benchmarks') }} as benchmarks
    inner join readings on benchmarks.capture_id = readings.capture_id
),

scores as (
    select * from {{ ref('stg_scores') }}
),

run_costs as (
    select * from {{ ref('stg_run_costs') }}
),

-- What several imports say of a benchmark: the newest first.
registered_by_import as (
    select
        imported.benchmark_id,
        any_value(imported.name order by imported.captured_at desc, imported.source_id, imported.capture_id) as name,
        any_value(imported.score_min order by imported.captured_at desc, imported.source_id, imported.capture_id) as score_min,
        any_value(imported.score_max order by imported.captured_at desc, imported.source_id, imported.capture_id) as score_max,
        any_value(imported.chance order by imported.captured_at desc, imported.source_id, imported.capture_id) as chance,
        any_value(
            imported.higher_is_better order by imported.captured_at desc, imported.source_id, imported.capture_id
        ) as higher_is_better,
        any_value(imported.scale_kind order by imported.captured_at desc, imported.source_id, imported.capture_id) as scale_kind
    from imported
    anti join registry on imported.benchmark_id = registry.benchmark_id
    group by imported.benchmark_id
),

met as (
    select benchmark_id from scores
    union
    select benchmark_id from run_costs
),

-- A benchmark that no one registered is listed all the same, with its scale unknown.
unregistered as (
    select met.benchmark_id
    from met
    anti join registry on met.benchmark_id = registry.benchmark_id
    anti join registered_by_import on met.benchmark_id = registered_by_import.benchmark_id
)

select
    benchmark_id,
    name,
    maintainer,
    unit,
    score_min,
    score_max,
    chance,
    practical_ceiling,
    higher_is_better,
    scale_kind,
    default_variant,
    n_cases,
    is_private,
    source_url,
    'reference' as registered_in
from registry
union all by name
select
    benchmark_id,
    name,
    case when scale_kind = 'accuracy' and score_min = 0 and score_max = 100 then 'percent' end as unit,
    score_min,
    score_max,
    chance,
    higher_is_better,
    scale_kind,
    'import' as registered_in
from registered_by_import
union all by name
select
    benchmark_id,
    null as registered_in
from unregistered
