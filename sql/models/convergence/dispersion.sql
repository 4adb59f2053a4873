{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

panels as (
    select * from {{ ref('dispersion_panels') }}
),

expected as (
    select * from {{ ref('expected_spreads') }}
),

scores as (
    select * from {{ ref('headline_scores') }}
    where released_on <= {{ as_of() }}
),

-- The fixed distribution: a normal one with the spread of all models of the benchmark released by the day asked about.
pools as (
    select
        benchmark_id,
        stddev_samp(score order by model_id) as pool_sd
    from scores
    group by benchmark_id
),

compared as (
    select
        *,
        first_value(signed_score) over members - signed_score as behind,
        case when place = 1 then 0 else 1.96 * sqrt(pow(first_value(se_worse) over members, 2) + pow(se_better, 2)) end as margin
    from panels
    window members as (partition by benchmark_id, month, panel order by place)
),

grouped as (
    select
        benchmark_id,
        month,
        panel,
        any_value(n_models) as n_models,
        count(*) as n,
        avg(score order by place) as mean,
        stddev_samp(score order by place) as sd,
        max(behind) filter (where place = 10) as top1_top10_gap,
        count(*) filter (where margin is null) as n_without_se,
        count(*) filter (where behind <= margin) as n_tied_known
    from compared
    group by benchmark_id, month, panel
)

select
    grouped.benchmark_id,
    grouped.month,
    grouped.panel,
    grouped.n,
    grouped.n_models,
    grouped.mean,
    grouped.sd,
    case when grouped.panel = 'top10' then expected.unit_sd * pools.pool_sd end as sd_expected,
    grouped.top1_top10_gap,
    case when grouped.n_without_se = 0 then grouped.n_tied_known end as n_tied,
    n_tied / grouped.n as tied_with_leader,
    nullif(concat_ws(
        '; ',
        case when grouped.n < 10 then 'top1_top10_gap: under ten in the panel' end,
        case
            when grouped.n_without_se > 0
                then format('tied_with_leader: no standard error for {} of {}', grouped.n_without_se, grouped.n)
        end,
        case when grouped.panel = 'fixed' then 'sd_expected: the fixed panel does not grow' end
    ), '') as reason
from grouped
left join expected on grouped.n_models = expected.n_models
left join pools on grouped.benchmark_id = pools.benchmark_id
