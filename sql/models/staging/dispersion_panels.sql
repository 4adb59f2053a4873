{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

available as (
    select * from {{ ref('monthly_standings') }}
),

-- The fixed panel starts with the first month that has three organisations; its members are those of that month, and
-- since a released model stays released, they are present at the other end too.
fixed_starts as (
    select
        benchmark_id,
        min(month) as start_month
    from available
    where n_organizations >= 3
    group by benchmark_id
),

fixed_members as (
    select
        available.benchmark_id,
        available.organization_id,
        any_value(fixed_starts.start_month) as start_month
    from available
    inner join fixed_starts on available.benchmark_id = fixed_starts.benchmark_id and available.month = fixed_starts.start_month
    group by available.benchmark_id, available.organization_id
)

select
    benchmark_id,
    month,
    'top10' as panel,
    model_id,
    place,
    n_models,
    score,
    signed_score,
    se_worse,
    se_better
from available
where place <= 10 and n_models >= 2
union all
select
    available.benchmark_id,
    available.month,
    'fixed' as panel,
    available.model_id,
    row_number() over (
        partition by available.benchmark_id, available.month order by available.signed_score desc, available.model_id
    ) as place,
    available.n_models,
    available.score,
    available.signed_score,
    available.se_worse,
    available.se_better
from available
inner join fixed_members
    on
        available.benchmark_id = fixed_members.benchmark_id
        and available.organization_id = fixed_members.organization_id
        and available.month >= fixed_members.start_month
where available.organization_place = 1
