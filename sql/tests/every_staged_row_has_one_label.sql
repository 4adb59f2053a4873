-- Resolving loses no row and doubles none: each staged row is in core exactly once.
{% for name in ['scores', 'prices', 'speeds', 'run_costs'] %}
    (
        select
            '{{ name }}' as table_name,
            source_id,
            reading_id,
            row_locator,
            model_label
        from {{ ref('stg_' ~ name) }}
        except all
        select
            '{{ name }}' as table_name,
            source_id,
            reading_id,
            row_locator,
            model_label
        from {{ ref(name) }}
    )
    union all
    (
        select
            '{{ name }}' as table_name,
            source_id,
            reading_id,
            row_locator,
            model_label
        from {{ ref(name) }}
        except all
        select
            '{{ name }}' as table_name,
            source_id,
            reading_id,
            row_locator,
            model_label
        from {{ ref('stg_' ~ name) }}
    )
    {{ 'union all' if not loop.last }}
{% endfor %}
