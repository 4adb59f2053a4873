with

successions as (
    select * from {{ source('reference', 'successions') }}
)

select
    model_id,
    predecessor_id,
    kind,
    source_url
from successions
