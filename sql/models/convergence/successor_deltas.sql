{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

successions as (
    select * from {{ ref('successions') }}
),

pairs as (
    select * from {{ ref('successor_pairs') }}
),

-- Holm 1979 over every fall that could be tested, whatever its size: the smallest p must pass alpha / m, the next
-- alpha / (m - 1), and so on until one does not. Stated for z, which orders like p.
falls as (
    select
        model_id,
        predecessor_id,
        benchmark_id,
        variant,
        -delta / delta_se as z,
        count(*) over () - row_number() over (order by -delta / delta_se desc) + 1 as n_left
    from pairs
    where delta < 0 and delta_se > 0
),

holm as (
    select
        *,
        bool_and(z > {{ normal_quantile('1 - 0.025 / n_left') }}) over (
            order by n_left desc rows between unbounded preceding and current row
        ) as holds
    from falls
)

select
    pairs.model_id,
    pairs.predecessor_id,
    successions.kind,
    pairs.benchmark_id,
    pairs.variant,
    pairs.score,
    pairs.predecessor_score,
    pairs.delta,
    1.96 * pairs.delta_se as margin,
    (1.96 + 0.8416) * pairs.delta_se as detectable,
    case
        when margin is null then null
        when pairs.delta > margin then 'improved'
        when pairs.delta < -margin then 'regressed'
        else 'within_margin'
    end as verdict,
    case when verdict = 'regressed' then coalesce(holm.holds, true) end as holds_after_holm,
    pairs.source_id,
    pairs.predecessor_source_id,
    pairs.reported_by,
    pairs.predecessor_reported_by,
    pairs.capture_id,
    pairs.row_locator,
    pairs.predecessor_capture_id,
    pairs.predecessor_row_locator,
    case when margin is null then 'verdict: no standard error' end as reason
from pairs
inner join successions on pairs.model_id = successions.model_id and pairs.predecessor_id = successions.predecessor_id
left join holm
    on
        pairs.model_id = holm.model_id
        and pairs.predecessor_id = holm.predecessor_id
        and pairs.benchmark_id = holm.benchmark_id
        and pairs.variant is not distinct from holm.variant
