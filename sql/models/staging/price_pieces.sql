{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['as_of', 'known_at']}) }}

with

history as (
    select * from {{ ref('source_price_history') }}
),

covers as (
    select * from {{ ref('price_overlaps') }}
),

-- A row is cut wherever a better source starts or stops speaking about the same price.
cuts as (
    select
        model_id,
        provider_id,
        source_id,
        token_kind,
        tier,
        valid_from,
        valid_from as cut_on
    from history
    union
    select
        model_id,
        provider_id,
        source_id,
        token_kind,
        tier,
        valid_from,
        unnest([covered_from, covered_to]) as cut_on
    from covers
)

select
    history.model_id,
    history.provider_id,
    history.source_id,
    history.token_kind,
    history.tier,
    history.valid_from,
    history.valid_to,
    history.usd_per_mtok,
    history.valid_from_is_censored,
    history.change_ratio,
    history.is_estimate,
    history.capture_id,
    history.row_locator,
    cuts.cut_on,
    count(covers.upper_source_id) = 0 as is_preferred
from cuts
inner join history
    on
        {{ same_price_row('cuts', 'history') }}
        and (history.valid_to is null or cuts.cut_on < history.valid_to)
left join covers
    on
        {{ same_price_row('cuts', 'covers') }}
        and {{ is_within('cuts.cut_on', 'covers.covered_from', 'covers.covered_to') }}
where cuts.cut_on < date '9999-12-31'
group by all
