{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

scores as (
    select * from {{ ref('headline_scores') }}
    where released_on <= {{ as_of() }}
),

populations as (
    select
        benchmark_id,
        access,
        released_on,
        model_id,
        score,
        signed_score
    from scores
    where access is not null
    union all
    select
        benchmark_id,
        'all' as access,
        released_on,
        model_id,
        score,
        signed_score
    from scores
),

best_of_day as (
    select *
    from populations
    qualify row_number() over (
        partition by benchmark_id, access, released_on order by signed_score desc, model_id
    ) = 1
),

running as (
    select
        *,
        max(signed_score) over (
            partition by benchmark_id, access order by released_on rows between unbounded preceding and 1 preceding
        ) as best_before
    from best_of_day
)

select
    benchmark_id,
    access,
    released_on as from_on,
    lead(released_on) over (partition by benchmark_id, access order by released_on) as to_on,
    model_id,
    score
from running
where best_before is null or signed_score > best_before
