-- Every figure leads back to the line on the page: its raw row and its capture are there.
{% for name in ['scores', 'prices', 'speeds', 'run_costs'] %}
    select
        '{{ name }}' as table_name,
        core_row.reading_id,
        core_row.row_locator
    from {{ ref(name) }} as core_row
    left join {{ source('raw', 'captures') }} as captures on core_row.capture_id = captures.capture_id
    left join {{ source('raw', name) }} as raw_row
        on
            core_row.reading_id = raw_row.reading_id
            and core_row.row_locator = raw_row.row_locator
            and core_row.model_label = raw_row.model_label
    where raw_row.reading_id is null or captures.capture_id is null
    {{ 'union all' if not loop.last }}
{% endfor %}
