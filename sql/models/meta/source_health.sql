with

sources as (
    select * from {{ source('meta', 'sources') }}
),

source_runs as (
    select * from {{ source('raw', 'source_runs') }}
),

-- The run log has a line for each thing that became of a run.
runs as (
    select
        run_id,
        min(started_at) as started_at
    from {{ source('raw', 'runs') }}
    group by run_id
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

last_good_runs as (
    select
        source_runs.source_id,
        max(runs.started_at) as last_good_at
    from source_runs
    inner join runs on source_runs.run_id = runs.run_id
    where source_runs.state in ('ok', 'unchanged')
    group by source_runs.source_id
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

-- A run that could not ask (no network, no key) says nothing of the source: it neither counts nor ends the row of failures.
failures as (
    select
        source_runs.source_id,
        count(*) filter (where source_runs.state = 'failed' and runs.started_at > coalesce(good.last_good_at, timestamp '0001-01-01'))
            as failures_in_a_row
    from source_runs
    inner join runs on source_runs.run_id = runs.run_id
    left join last_good_runs as good on source_runs.source_id = good.source_id
    group by source_runs.source_id
),

last_captures as (
    select
        source_id,
        count(*) as n_captures,
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
),

-- Each page against itself: a source of several pages may have captured but one of them anew.
page_rows as (
    select
        readings.source_id,
        accepted.rows_accepted,
        lag(accepted.rows_accepted) over pages as rows_before,
        row_number() over (partition by readings.source_id, readings.page_url order by readings.captured_at desc) as nth_newest
    from readings
    inner join accepted on readings.reading_id = accepted.reading_id
    window pages as (partition by readings.source_id, readings.page_url order by readings.captured_at)
),

newest_rows as (
    select
        source_id,
        cast(sum(rows_accepted) as bigint) as rows_latest,
        cast(sum(rows_before) as bigint) as rows_before,
        sum(rows_accepted) filter (where rows_before is not null) / nullif(sum(rows_before), 0) as rows_ratio
    from page_rows
    where nth_newest = 1
    group by source_id
)

-- The age is that of the moment of asking, so a snapshot that is left alone grows stale by itself.
select
    sources.source_id,
    sources.kind,
    last_runs.state,
    last_runs.message,
    last_runs.started_at as last_run_at,
    coalesce(failures.failures_in_a_row, 0) as failures_in_a_row,
    coalesce(last_captures.n_captures, 0) as n_captures,
    last_captures.last_capture_at,
    successes.last_success_at,
    coalesce(successes.rows_accepted, 0) as rows_accepted,
    coalesce(successes.rows_quarantined, 0) as rows_quarantined,
    newest_rows.rows_latest,
    newest_rows.rows_before,
    newest_rows.rows_ratio,
    date_diff('second', successes.last_success_at, now() at time zone 'UTC') / 86400 as age_days,
    sources.cadence_days,
    case when sources.cadence_days > 0 then coalesce(age_days > 2 * sources.cadence_days, true) else false end as is_stale,
    case
        when last_runs.state = 'failed' then coalesce(last_runs.message, 'the last run failed')
        when sources.cadence_days = 0 then last_runs.message
        when successes.last_success_at is null then concat_ws(': ', 'never captured', last_runs.message)
        when is_stale
            then
                concat_ws(
                    ': ',
                    format('last captured {:.0f} days ago, expected every {:.0f}', age_days, sources.cadence_days),
                    last_runs.message
                )
        when newest_rows.rows_ratio < 0.5
            then format('its pages have {:.0f} % of the rows they had before', 100 * newest_rows.rows_ratio)
        else last_runs.message
    end as reason
from sources
left join last_runs on sources.source_id = last_runs.source_id
left join failures on sources.source_id = failures.source_id
left join last_captures on sources.source_id = last_captures.source_id
left join successes on sources.source_id = successes.source_id
left join newest_rows on sources.source_id = newest_rows.source_id
