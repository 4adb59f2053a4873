-- Within one benchmark and population each step is better than the one before.
with

steps as (
    select
        frontier.benchmark_id,
        frontier.access,
        frontier.from_on,
        if(benchmarks.higher_is_better is not false, frontier.score, -frontier.score) as signed_score
    from {{ ref('frontier') }} as frontier
    left join {{ ref('benchmarks') }} as benchmarks on frontier.benchmark_id = benchmarks.benchmark_id
)

select
    benchmark_id,
    access,
    from_on
from steps
qualify signed_score <= lag(signed_score) over (partition by benchmark_id, access order by from_on)
