with

models as (
    select * from {{ source('raw', 'models') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
)

select
    models.source_id,
    models.capture_id,
    models.reading_id,
    models.row_locator,
    models.model_label,
    models.source_url,
    models.is_estimate,
    models.notes,
    models.captured_at,
    models.model_id,
    models.name,
    models.organization_id,
    models.family,
    models.released_on,
    models.access,
    models.licence,
    models.params_total_b,
    models.params_active_b,
    models.params_low_b,
    models.params_high_b,
    models.is_reasoning,
    models.is_base,
    models.context_tokens,
    readings.page_url
from models
inner join readings on models.reading_id = readings.reading_id
