with

expectation_results as (
    select * from {{ source('raw', 'expectation_results') }}
)

select
    source_id,
    capture_id,
    reading_id,
    table_name,
    expectation,
    column_name,
    severity,
    is_success,
    n_rows,
    n_unexpected,
    detail
from expectation_results
