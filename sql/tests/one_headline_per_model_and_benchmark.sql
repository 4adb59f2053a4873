-- Every model and benchmark with a current score has exactly one headline (ratings: at most one, from one capture).
select
    scores.model_id,
    scores.benchmark_id
from {{ ref('scores') }} as scores
left join {{ ref('benchmarks') }} as benchmarks on scores.benchmark_id = benchmarks.benchmark_id
where scores.is_current
group by scores.model_id, scores.benchmark_id
having
    count(*) filter (where scores.is_headline) > 1
    or count(*) filter (where scores.is_headline or benchmarks.scale_kind is not distinct from 'rating') = 0
