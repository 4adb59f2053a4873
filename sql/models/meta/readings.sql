with

readings as (
    select * from {{ source('raw', 'readings') }}
),

used as (
    select * from {{ ref('stg_readings') }}
)

select
    readings.reading_id,
    readings.capture_id,
    readings.source_id,
    readings.reader_version,
    readings.read_at,
    readings.state,
    readings.rows_read,
    readings.rows_accepted,
    readings.rows_quarantined,
    readings.message,
    used.reading_id is not null as is_used
from readings
left join used on readings.reading_id = used.reading_id
