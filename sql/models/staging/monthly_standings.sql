{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

scores as (
    select * from {{ ref('headline_scores') }}
    where released_on <= {{ as_of() }}
),

starts as (
    select
        benchmark_id,
        min(released_on) as start_on
    from scores
    group by benchmark_id
),

months as (
    select
        benchmark_id,
        unnest(generate_series(date_trunc('month', start_on), {{ as_of() }}, interval '1 month')) as month_on
    from starts
),

available as (
    select
        scores.*,
        cast(months.month_on as date) as month,
        count(*) over (partition by scores.benchmark_id, months.month_on) as n_models,
        count(distinct scores.organization_id) over (partition by scores.benchmark_id, months.month_on) as n_organizations,
        row_number() over (
            partition by scores.benchmark_id, months.month_on order by scores.signed_score desc, scores.model_id
        ) as place,
        row_number() over (
            partition by scores.benchmark_id, months.month_on, scores.organization_id
            order by scores.signed_score desc, scores.model_id
        ) as organization_place
    from scores
    inner join months on scores.benchmark_id = months.benchmark_id and scores.released_on <= last_day(months.month_on)
)

select
    benchmark_id,
    month,
    model_id,
    organization_id,
    place,
    organization_place,
    n_models,
    n_organizations,
    score,
    signed_score,
    se_worse,
    se_better
from available
