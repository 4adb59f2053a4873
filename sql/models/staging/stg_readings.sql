with

captures as (
    select * from {{ source('raw', 'captures') }}
    where captured_at <= {{ known_at() }}
),

readings as (
    select * from {{ source('raw', 'readings') }}
    where state = 'ok'
)

-- A corrected reader corrects history: of each capture the newest good reading counts, older ones stay in raw.
select
    readings.reading_id,
    readings.capture_id,
    readings.source_id,
    readings.reader_version,
    captures.url as page_url,
    captures.captured_at
from readings
inner join captures on readings.capture_id = captures.capture_id
qualify row_number() over (partition by readings.capture_id order by readings.reader_version desc, readings.read_at desc) = 1
