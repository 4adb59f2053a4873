with

sources as (
    select * from {{ source('meta', 'sources') }}
),

source_runs as (
    select * from {{ source('raw', 'source_runs') }}
),

runs as (
    select * from {{ source('raw', 'runs') }}
),

captures as (
    select * from {{ source('raw', 'captures') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
),

accepted as (
    select * from {{ source('raw', 'readings') }}
),

last_runs as (
    select
        source_runs.source_id,
        source_runs.state,
        source_runs.message,
        runs.started_at
    from source_runs
    inner join runs on source_runs.run_id = runs.run_id
    qualify row_number() over (partition by source_runs.source_id order by runs.started_at desc, runs.run_id desc) = 1
),

last_captures as (
    select
        source_id,
        max(captured_at) as last_capture_at
    from captures
    group by source_id
),

successes as (
    select
        readings.source_id,
        max(readings.captured_at) as last_success_at,
        cast(sum(accepted.rows_accepted) as bigint) as rows_accepted,
        cast(sum(accepted.rows_quarantined) as bigint) as rows_quarantined
    from readings
    inner join accepted on readings.reading_id = accepted.reading_id
    group by readings.source_id
)

-- The age is that of the moment of asking, so a snapshot that is left alone grows stale by itself.
select
    sources.source_id,
    sources.kind,
    last_runs.state,
    last_runs.message,
    last_runs.started_at as last_run_at,
    last_captures.last_capture_at,
    successes.last_success_at,
    coalesce(successes.rows_accepted, 0) as rows_accepted,
    coalesce(successes.rows_quarantined, 0) as rows_quarantined,
    date_diff('second', successes.last_success_at, now() at time zone 'UTC') / 86400 as age_days,
    sources.cadence_days,
    case when sources.cadence_days > 0 then coalesce(age_days > 2 * sources.cadence_days, true) else false end as is_stale
from sources
left join last_runs on sources.source_id = last_runs.source_id
left join last_captures on sources.source_id = last_captures.source_id
left join successes on sources.source_id = successes.source_id
