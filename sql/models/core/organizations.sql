with

organizations as (
    select * from {{ source('reference', 'organizations') }}
)

select
    organization_id,
    name,
    country,
    source_url
from organizations
