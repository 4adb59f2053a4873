{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

candidates as (
    select * from {{ ref('score_candidates') }}
),

withdrawals as (
    select * from {{ ref('score_withdrawals') }}
),

standing as (
    select
        *,
        (variant is distinct from default_variant) as is_other_variant,
        (page_variant is distinct from default_variant) as is_other_page_variant,
        {{ is_restricted('variant') }} as is_restricted,
        coalesce(measured_on, cast(captured_at as date)) as day_on
    from candidates
),

-- Runs within 30 days of the newest are of one time: among them the effort decides, not the day.
timed as (
    select
        *,
        day_on < max(day_on) over (
            partition by
                model_id, benchmark_id, is_candidate, reported_by, is_other_variant, is_other_page_variant, is_restricted, precedence
        ) - 30 as is_older
    from standing
),

-- One row per model and benchmark counts; never the best of several.
headlines as (
    select
        *,
        row_number() over (
            partition by model_id, benchmark_id, is_candidate
            order by
                reported_by, is_other_variant, is_other_page_variant, is_restricted, precedence,
                is_older, {{ effort_rank('variant') }}, day_on desc, captured_at desc,
                variant nulls first, source_id, row_locator, score, capture_id
        ) as candidate_rank,
        (is_candidate and candidate_rank = 1) as is_headline
    from timed
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
    headlines.se_method
from headlines
left join withdrawals
    on
        headlines.source_id = withdrawals.source_id
        and headlines.document_url is not distinct from withdrawals.document_url
        and headlines.benchmark_id = withdrawals.benchmark_id
        and headlines.model_label = withdrawals.model_label
        and headlines.page_variant is not distinct from withdrawals.page_variant
        and headlines.captured_at = withdrawals.captured_at
