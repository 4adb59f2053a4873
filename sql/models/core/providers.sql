with

providers as (
    select * from {{ source('reference', 'providers') }}
)

select
    provider_id,
    name,
    organization_id,
    source_url
from providers
