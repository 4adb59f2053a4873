{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

scores as (
    select * from {{ ref('resolved_scores') }}
    where captured_at <= {{ known_at() }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
),

benchmarks as (
    select * from {{ ref('benchmarks') }}
),

numbered as (
    select
        scores.*,
        coalesce(sources.page_is, 'snapshot') = 'history' as is_history,
        coalesce(sources.precedence, 50) as precedence,
        coalesce(benchmarks.scale_kind = 'rating', false) as is_rating,
        benchmarks.default_variant,
        max(scores.captured_at) over (partition by scores.source_id, scores.document_url, scores.benchmark_id) as board_captured_at
    from scores
    left join sources on scores.source_id = sources.source_id
    left join benchmarks on scores.benchmark_id = benchmarks.benchmark_id
),

-- Ratings of different captures are not on one scale: one capture per benchmark stands (of a history, its last day).
sessions as (
    select
        benchmark_id,
        capture_id,
        case when is_history then measured_on end as session_on
    from numbered
    where is_rating and (is_history or captured_at = board_captured_at)
    qualify row_number() over (
        partition by benchmark_id order by precedence, captured_at desc, session_on desc nulls last, source_id, capture_id
    ) = 1
)

select
    numbered.source_id,
    numbered.capture_id,
    numbered.reading_id,
    numbered.row_locator,
    numbered.model_label,
    numbered.source_url,
    numbered.document_url,
    numbered.is_estimate,
    numbered.notes,
    numbered.captured_at,
    numbered.benchmark_id,
    numbered.variant,
    numbered.page_variant,
    numbered.score,
    numbered.ci_low,
    numbered.ci_high,
    numbered.ci_level,
    numbered.n_samples,
    numbered.reported_by,
    numbered.is_contaminated,
    numbered.measured_on,
    numbered.model_id,
    numbered.is_provisional,
    numbered.se_low,
    numbered.se_high,
    numbered.se_method,
    numbered.is_history,
    numbered.precedence,
    numbered.default_variant,
    (numbered.is_history or numbered.captured_at = numbered.board_captured_at) as is_current,
    (is_current and (not numbered.is_rating or sessions.capture_id is not null)) as is_candidate
from numbered
left join sessions
    on
        numbered.benchmark_id = sessions.benchmark_id
        and numbered.capture_id = sessions.capture_id
        and (not numbered.is_history or numbered.measured_on is not distinct from sessions.session_on)
