{{ config(post_hook="{{ create_at_macros() }}", meta={'clocks': ['known_at']}) }}

with

scores as (
    select * from {{ ref('resolved_scores') }}
    where captured_at <= {{ known_at() }}
),

-- A board is one benchmark of one source, of a vendor one benchmark of one card; its captures are numbered in order of time.
seen as (
    select
        source_id,
        document_url,
        benchmark_id,
        model_label,
        page_variant,
        captured_at,
        dense_rank() over (partition by source_id, document_url, benchmark_id order by captured_at) as capture_no
    from scores
    group by source_id, document_url, benchmark_id, model_label, page_variant, captured_at
),

board_captures as (
    select
        source_id,
        document_url,
        benchmark_id,
        capture_no,
        min(captured_at) as captured_at
    from seen
    group by source_id, document_url, benchmark_id, capture_no
),

-- Consecutive captures that show a label make one stay; after it the label is gone.
numbered as (
    select
        *,
        capture_no - row_number() over (
            partition by source_id, document_url, benchmark_id, model_label, page_variant order by capture_no
        ) as stay_no
    from seen
),

stays as (
    select
        *,
        max(capture_no) over (partition by source_id, document_url, benchmark_id, model_label, page_variant, stay_no) as last_capture_no
    from numbered
)

select
    stays.source_id,
    stays.document_url,
    stays.benchmark_id,
    stays.model_label,
    stays.page_variant,
    stays.captured_at,
    cast(board_captures.captured_at as date) as withdrawn_on
from stays
inner join board_captures
    on
        stays.source_id = board_captures.source_id
        and stays.document_url is not distinct from board_captures.document_url
        and stays.benchmark_id = board_captures.benchmark_id
        and stays.last_capture_no + 1 = board_captures.capture_no
