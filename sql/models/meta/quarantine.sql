with

quarantine as (
    select * from {{ source('raw', 'quarantine') }}
)

select
    source_id,
    capture_id,
    reading_id,
    table_name,
    row_locator,
    model_label,
    reason,
    row_json,
    captured_at
from quarantine
