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
    program_version
from runs
-- A run adds a line at each stage it reaches; the last line counts.
qualify row_number() over (
    partition by run_id
    order by finished_at desc, case state when 'failed' then 0 when 'published' then 1 else 2 end
) = 1
