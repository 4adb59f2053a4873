with

imported as (
    select * from {{ source('reference', 'imported_models') }}
)

-- any_value takes the first value that is not NULL: of several imports the source that comes first by name.
select
    model_id,
    any_value(name order by source_id) as name,
    any_value(organization_id order by source_id) as organization_id,
    any_value(family order by source_id) as family,
    any_value(released_on order by source_id) as released_on,
    any_value(access order by source_id) as access,
    any_value(licence order by source_id) as licence,
    any_value(params_total_b order by source_id) as params_total_b,
    any_value(params_active_b order by source_id) as params_active_b,
    any_value(params_low_b order by source_id) as params_low_b,
    any_value(params_high_b order by source_id) as params_high_b,
    any_value(is_estimate order by source_id) as is_estimate,
    any_value(is_reasoning order by source_id) as is_reasoning,
    any_value(is_base order by source_id) as is_base,
    any_value(context_tokens order by source_id) as context_tokens,
    any_value(notes order by source_id) as notes,
    any_value(source_url order by source_id) as source_url
from imported
group by model_id
