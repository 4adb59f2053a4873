{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

prices as (
    select * from {{ ref('prices') }}
),

sources as (
    select * from {{ source('meta', 'sources') }}
),

-- Only a page that shows the present can end a price by leaving it out; a source that stops speaking ends nothing.
listed as (
    select
        prices.source_id,
        prices.page_url,
        prices.model_id,
        prices.provider_id,
        prices.token_kind,
        prices.tier,
        prices.captured_at
    from prices
    left join sources on prices.source_id = sources.source_id
    where sources.page_is is distinct from 'history' and prices.source_id != 'reference'
    group by
        prices.source_id, prices.page_url, prices.model_id, prices.provider_id, prices.token_kind, prices.tier, prices.captured_at
),

page_captures as (
    select
        source_id,
        page_url,
        captured_at,
        lead(captured_at) over (partition by source_id, page_url order by captured_at) as next_captured_at
    from listed
    group by source_id, page_url, captured_at
)

select
    listed.model_id,
    listed.provider_id,
    listed.source_id,
    listed.token_kind,
    listed.tier,
    cast(page_captures.next_captured_at as date) as closed_on
from listed
inner join page_captures
    on
        listed.source_id = page_captures.source_id
        and listed.page_url = page_captures.page_url
        and listed.captured_at = page_captures.captured_at
anti join listed as relisted
    on
        listed.source_id = relisted.source_id
        and listed.model_id = relisted.model_id
        and listed.provider_id = relisted.provider_id
        and listed.token_kind = relisted.token_kind
        and listed.tier is not distinct from relisted.tier
        and page_captures.next_captured_at = relisted.captured_at
where page_captures.next_captured_at is not null
group by listed.model_id, listed.provider_id, listed.source_id, listed.token_kind, listed.tier, closed_on
