with

changes as (
    select * from {{ source('raw', 'changes') }}
)

select
    source_id,
    capture_id,
    reading_id,
    previous_capture_id,
    table_name,
    check_name,
    severity,
    subject,
    before_value,
    after_value,
    detail
from changes
