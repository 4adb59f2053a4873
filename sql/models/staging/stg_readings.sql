with

captures as (
    select * from {{ source('raw', 'captures') }}
    where captured_at <= {{ known_at() }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
),

readings as (
    select * from {{ source('raw', 'readings') }}
    where state = 'ok'
),

-- A corrected reader corrects history: of each capture the newest good reading counts, older ones stay in raw.
newest as (
    select
        readings.reading_id,
        readings.capture_id,
        readings.source_id,
        readings.reader_version,
        readings.read_at,
        -- A source of one page keeps its page when the address moves.
        case when sources.n_pages = 1 and captures.url like 'http%' then sources.url else captures.url end as page_url,
        -- A board may move from page to page of its source; of a vendor's cards each is a document of its own.
        case when sources.kind = 'vendor' then captures.url end as document_url,
        captures.captured_at,
        captures.body_sha256
    from readings
    inner join captures on readings.capture_id = captures.capture_id
    left join sources on readings.source_id = sources.source_id
    qualify row_number() over (partition by readings.capture_id order by readings.reader_version desc, readings.read_at desc) = 1
)

-- A file imported again under its name takes the place of what it said before, with all the moments it speaks of.
select
    reading_id,
    capture_id,
    source_id,
    reader_version,
    page_url,
    document_url,
    captured_at
from newest
qualify
    page_url not like 'import:%'
    or concat_ws(' ', body_sha256, reader_version) = first_value(concat_ws(' ', body_sha256, reader_version)) over (
        partition by source_id, page_url order by read_at desc, body_sha256, reader_version desc
    )
