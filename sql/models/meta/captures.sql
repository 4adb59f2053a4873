with

captures as (
    select * from {{ source('raw', 'captures') }}
)

select
    capture_id,
    source_id,
    url,
    captured_at,
    body_sha256,
    body_bytes,
    content_type,
    http_status,
    etag,
    last_modified,
    archive_file,
    archive_offset
from captures
