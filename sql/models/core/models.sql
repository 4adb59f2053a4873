with

registry as (
    select * from {{ source('reference', 'models') }}
),

overlay as (
    select * from {{ ref('stg_imported_models') }}
),

labels as (
    select * from {{ source('core', 'labels') }}
),

registered as (
    select
        coalesce(overlay.model_id, registry.model_id) as model_id,
        coalesce(overlay.name, registry.name) as name,
        coalesce(overlay.organization_id, registry.organization_id) as organization_id,
        coalesce(overlay.family, registry.family) as family,
        coalesce(overlay.released_on, registry.released_on) as released_on,
        coalesce(overlay.access, registry.access) as access,
        coalesce(overlay.licence, registry.licence) as licence,
        coalesce(overlay.params_total_b, registry.params_total_b) as params_total_b,
        coalesce(overlay.params_active_b, registry.params_active_b) as params_active_b,
        coalesce(overlay.params_low_b, registry.params_low_b) as params_low_b,
        coalesce(overlay.params_high_b, registry.params_high_b) as params_high_b,
        coalesce(overlay.is_estimate, registry.is_estimate) as is_estimate,
        coalesce(overlay.is_reasoning, registry.is_reasoning) as is_reasoning,
        coalesce(overlay.is_base, registry.is_base) as is_base,
        coalesce(overlay.context_tokens, registry.context_tokens) as context_tokens,
        coalesce(overlay.notes, registry.notes) as notes,
        coalesce(overlay.source_url, registry.source_url) as source_url,
        false as is_provisional
    from registry
    full outer join overlay on registry.model_id = overlay.model_id
),

provisional as (
    select
        labels.model_id,
        min(labels.label) as name,
        true as is_provisional
    from labels
    left join registered on labels.model_id = registered.model_id
    where labels.is_provisional and registered.model_id is null
    group by labels.model_id
)

select
    model_id,
    name,
    organization_id,
    family,
    released_on,
    access,
    licence,
    params_total_b,
    params_active_b,
    params_low_b,
    params_high_b,
    is_estimate,
    is_reasoning,
    is_base,
    context_tokens,
    notes,
    source_url,
    is_provisional
from registered
union all by name
select
    model_id,
    name,
    is_provisional
from provisional
