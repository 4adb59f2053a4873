{{ config(materialized="table") }}

with

prices as (
    select * from {{ ref('price_history') }}
),

scores as (
    select * from {{ ref('scores') }}
    where is_current
),

sources as (
    select * from {{ source('meta', 'sources') }}
),

price_conflicts as (
    select
        'prices' as table_name,
        used.model_id,
        used.provider_id,
        used.token_kind,
        used.tier,
        greatest(used.valid_from, other.valid_from) as from_on,
        nullif(least(coalesce(used.valid_to, date '9999-12-31'), coalesce(other.valid_to, date '9999-12-31')), date '9999-12-31') as to_on,
        used.source_id as used_source_id,
        cast(used.usd_per_mtok as double) as used_value,
        other.source_id as other_source_id,
        cast(other.usd_per_mtok as double) as other_value,
        false as is_by_reporter
    from prices as used
    inner join prices as other
        on
            used.model_id = other.model_id
            and used.provider_id = other.provider_id
            and used.token_kind = other.token_kind
            and used.tier is not distinct from other.tier
            and used.valid_from < coalesce(other.valid_to, date '9999-12-31')
            and other.valid_from < coalesce(used.valid_to, date '9999-12-31')
    where used.is_preferred and not other.is_preferred and used.usd_per_mtok != other.usd_per_mtok
),

-- Scores of the same model, benchmark and variant in two sources; the headline is the one that core uses.
score_conflicts as (
    select
        'scores' as table_name,
        used.model_id,
        used.benchmark_id,
        used.variant,
        used.source_id as used_source_id,
        used.score as used_value,
        other.source_id as other_source_id,
        other.score as other_value,
        used.reported_by != other.reported_by as is_by_reporter
    from scores as used
    inner join scores as other
        on
            used.model_id = other.model_id
            and used.benchmark_id = other.benchmark_id
            and used.variant is not distinct from other.variant
            and used.source_id != other.source_id
    where used.is_headline and used.score != other.score
    group by
        used.model_id, used.benchmark_id, used.variant, used.source_id, used.score, other.source_id, other.score,
        used.reported_by, other.reported_by
),

conflicts as (
    select * from price_conflicts
    union all by name
    select * from score_conflicts
)

-- In the words of the order by which core chooses: see core.scores and staging.price_overlaps.
select
    conflicts.table_name,
    conflicts.model_id,
    conflicts.provider_id,
    conflicts.token_kind,
    conflicts.tier,
    conflicts.benchmark_id,
    conflicts.variant,
    conflicts.from_on,
    conflicts.to_on,
    conflicts.used_source_id,
    conflicts.used_value,
    conflicts.other_source_id,
    conflicts.other_value,
    conflicts.other_value / nullif(conflicts.used_value, 0) as other_to_used_ratio,
    case
        when conflicts.is_by_reporter then 'an independent score comes before a vendor''s own'
        when used_source.precedence < other_source.precedence
            then
                format(
                    '{} comes before {} (precedence {} before {})',
                    used_source.kind, other_source.kind, used_source.precedence, other_source.precedence
                )
        when conflicts.table_name = 'scores' then 'of sources of equal standing the newer measurement counts'
        else 'of sources of equal standing the first by name counts'
    end as reason
from conflicts
left join sources as used_source on conflicts.used_source_id = used_source.source_id
left join sources as other_source on conflicts.other_source_id = other_source.source_id
