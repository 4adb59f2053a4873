-- Within one benchmark and population each step is better than the one before.
with

steps as (
    select
        frontier.benchmark_id,
        frontier.access,
        frontier.from_on,
        case when benchmarks.higher_is_better is not false then frontier.score else -frontier.score end as signed_score
    from {{ ref('frontier') }} as frontier
    left join {{ ref('benchmarks') }} as benchmarks on frontier.benchmark_id = benchmarks.benchmark_id
)

select
    benchmark_id,
    access,
    from_on
from steps
qualify signed_score <= lag(signed_score) over (partition by benchmark_id, access order by from_on)
