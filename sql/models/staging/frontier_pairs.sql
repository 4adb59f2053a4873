{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

frontier as (
    select * from {{ ref('frontier') }}
),

-- The day from which both sides have a model.
spans as (
    select
        benchmark_id,
        greatest(min(from_on) filter (where access = 'closed'), min(from_on) filter (where access = 'open')) as start_on
    from frontier
    where access in ('closed', 'open')
    group by benchmark_id
    having count(distinct access) = 2
),

months as (
    select
        benchmark_id,
        unnest(generate_series(date_trunc('month', start_on), {{ as_of() }}, interval '1 month')) as month_on
    from spans
),

days as (
    select
        benchmark_id,
        last_day(month_on) as as_of_on
    from months
    where last_day(month_on) <= {{ as_of() }}
    union
    select
        frontier.benchmark_id,
        frontier.from_on as as_of_on
    from frontier
    inner join spans on frontier.benchmark_id = spans.benchmark_id
    where frontier.access in ('closed', 'open') and frontier.from_on >= spans.start_on
)

select
    days.benchmark_id,
    days.as_of_on,
    closed_step.model_id as closed_model_id,
    closed_step.score as closed_score,
    open_step.model_id as open_model_id,
    open_step.score as open_score
from days
inner join frontier as closed_step
    on
        days.benchmark_id = closed_step.benchmark_id
        and closed_step.access = 'closed'
        and {{ is_within('days.as_of_on', 'closed_step.from_on', 'closed_step.to_on') }}
inner join frontier as open_step
    on
        days.benchmark_id = open_step.benchmark_id
        and open_step.access = 'open'
        and {{ is_within('days.as_of_on', 'open_step.from_on', 'open_step.to_on') }}
