{{ config(materialized="table") }}

with

scores as (
    select * from {{ ref('stg_scores') }}
),

labels as (
    select * from {{ source('core', 'labels') }}
),

benchmarks as (
    select * from {{ ref('benchmarks') }}
),

resolved as (
    select
        scores.* rename (variant as page_variant),
        labels.model_id,
        labels.is_provisional,
        nullif(concat_ws(', ', labels.variant, scores.variant), '') as variant,
        {{ interval_z('scores.ci_level') }} as z,
        scores.score / nullif(benchmarks.score_max, 0) as share,
        case
            when benchmarks.scale_kind = 'accuracy' and benchmarks.unit = 'percent' and scores.score <= benchmarks.score_max
                then nullif(coalesce(scores.n_samples, benchmarks.n_cases), 0)
        end as n_wilson,
        benchmarks.score_max
    from scores
    inner join labels
        on
            scores.model_label = labels.label
            and scores.source_id = labels.source_id
            and {{ is_valid_on('labels', 'scores.identity_on') }}
    left join benchmarks on scores.benchmark_id = benchmarks.benchmark_id
)

-- Each side of an interval has its own standard error; where no interval is given, Wilson's from the number of cases.
select
    source_id,
    capture_id,
    reading_id,
    row_locator,
    model_label,
    source_url,
    document_url,
    is_estimate,
    notes,
    captured_at,
    benchmark_id,
    variant,
    page_variant,
    score,
    ci_low,
    ci_high,
    ci_level,
    n_samples,
    reported_by,
    is_contaminated,
    measured_on,
    model_id,
    is_provisional,
    case
        when coalesce(ci_low, ci_high) is not null then abs(score - coalesce(ci_low, 2 * score - ci_high)) / z
        else (share - {{ wilson_limit('share', 'n_wilson', '-') }}) * score_max / 1.959964
    end as se_low,
    case
        when coalesce(ci_low, ci_high) is not null then abs(coalesce(ci_high, 2 * score - ci_low) - score) / z
        else ({{ wilson_limit('share', 'n_wilson', '+') }} - share) * score_max / 1.959964
    end as se_high,
    case
        when coalesce(ci_low, ci_high) is not null then 'published'
        when n_wilson is not null then 'wilson'
    end as se_method
from resolved
