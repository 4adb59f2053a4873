with

scores as (
    select * from {{ source('raw', 'scores') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
)

select
    scores.source_id,
    scores.capture_id,
    scores.reading_id,
    scores.row_locator,
    scores.model_label,
    scores.source_url,
    scores.is_estimate,
    scores.notes,
    scores.captured_at,
    scores.benchmark_id,
    scores.variant,
    scores.score,
    scores.ci_low,
    scores.ci_high,
    scores.ci_level,
    scores.n_samples,
    scores.reported_by,
    scores.is_contaminated,
    scores.measured_on,
    readings.page_url,
    readings.document_url,
    -- What a label means does not change while its score stays: an undated row is as old as its first capture.
    coalesce(
        scores.measured_on,
        cast(min(scores.captured_at) over (
            partition by scores.source_id, scores.benchmark_id, scores.model_label, scores.variant, scores.score
        ) as date)
    ) as identity_on
from scores
inner join readings on scores.reading_id = readings.reading_id
