{{ config(materialized="table") }}

with

models as (
    select * from {{ ref('models') }}
),

-- No panel is drawn from more models than there are.
sizes as (
    select unnest(range(2, (select count(*) from models) + 1)) as n_models
),

places as (
    select
        n_models,
        unnest(range(1, least(10, n_models) + 1)) as place
    from sizes
)

-- Expected places of the best ten of n draws from the standard normal distribution (Blom 1958); their sd falls from
-- .66 at 15 to .33 at 240 draws, which is the shrinking that is no convergence.
select
    n_models,
    round(stddev_samp({{ normal_quantile("(n_models - place + 0.625) / (n_models + 0.25)") }} order by place), 6) as unit_sd
from places
group by n_models
