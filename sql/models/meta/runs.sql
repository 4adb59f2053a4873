with

runs as (
    select * from {{ source('raw', 'runs') }}
)

select
    run_id,
    command,
    started_at,
    finished_at,
    state,
    message,
    program_version,
from runs
