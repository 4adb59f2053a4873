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

withdrawals as (
    select * from {{ ref('score_withdrawals') }}
),

numbered as (
    select
        scores.*,
        coalesce(sources.page_is, 'snapshot') = 'history' as is_history,
        coalesce(sources.precedence, 50) as precedence,
        benchmarks.scale_kind is not distinct from 'rating' as is_rating,
        benchmarks.default_variant,
        scores.captured_at = max(scores.captured_at) over (partition by scores.source_id, scores.benchmark_id) as is_latest,
    from scores
    left join sources on scores.source_id = sources.source_id
    left join benchmarks on scores.benchmark_id = benchmarks.benchmark_id
),

-- Ratings of different captures are not on one scale: one capture per benchmark stands (of a history, its last day).
sessions as (
    select
        benchmark_id,
        capture_id,
        case when is_history then measured_on end as session_on,
    from numbered
    where is_rating and (is_history or is_latest)
    qualify row_number() over (
        partition by benchmark_id order by precedence, captured_at desc, session_on desc nulls last, source_id, capture_id
    ) = 1
),

candidates as (
    select
        numbered.*,
        numbered.is_history or numbered.is_latest as is_current,
        (numbered.is_history or numbered.is_latest) and (not numbered.is_rating or sessions.capture_id is not null) as is_candidate,
    from numbered
    left join sessions
        on
            numbered.benchmark_id = sessions.benchmark_id
            and numbered.capture_id = sessions.capture_id
            and (not numbered.is_history or numbered.measured_on is not distinct from sessions.session_on)
),

-- One row per model and benchmark counts; never the best of several.
headlines as (
    select
        *,
        is_candidate and row_number() over (
            partition by model_id, benchmark_id, is_candidate
            order by
                reported_by, variant is distinct from default_variant, page_variant is distinct from default_variant, precedence,
                coalesce(measured_on, cast(captured_at as date)) desc, variant nulls first, source_id, row_locator, score, capture_id
        ) = 1 as is_headline,
    from candidates
)

select
    headlines.source_id,
    headlines.capture_id,
    headlines.reading_id,
    headlines.row_locator,
    headlines.model_label,
    headlines.source_url,
    headlines.is_estimate,
    headlines.notes,
    headlines.captured_at,
    headlines.benchmark_id,
    headlines.variant,
    headlines.page_variant,
    headlines.score,
    headlines.ci_low,
    headlines.ci_high,
    headlines.ci_level,
    headlines.n_samples,
    headlines.reported_by,
    headlines.is_contaminated,
    headlines.measured_on,
    headlines.model_id,
    headlines.is_provisional,
    headlines.is_current,
    case when not headlines.is_history then withdrawals.withdrawn_on end as withdrawn_on,
    headlines.is_headline,
    headlines.is_headline and headlines.reported_by = 'vendor' as headline_is_vendor,
    headlines.se_low,
    headlines.se_high,
    headlines.se_method,
from headlines
left join withdrawals
    on
        headlines.source_id = withdrawals.source_id
        and headlines.benchmark_id = withdrawals.benchmark_id
        and headlines.model_label = withdrawals.model_label
        and headlines.page_variant is not distinct from withdrawals.page_variant
        and headlines.captured_at = withdrawals.captured_at
