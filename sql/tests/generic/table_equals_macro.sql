{# The table and each form of its macro, asked by the clocks of this build, give the same rows. #}
{% test table_equals_macro(model, forms) %}
    {% set moments = {'as_of': as_of(), 'known_at': "timestamp '" ~ known_at_moment() ~ "'"} %}
    with

    {% for clocks in forms %}
        {% set arguments = [] %}
        {% for clock in clocks %}
            {% do arguments.append(moments[clock]) %}
        {% endfor %}
        asked_{{ loop.index }} as materialized (
            select * from {{ model.schema }}.{{ model.identifier }}_at({{ arguments | join(', ') }})
        ){{ ',' if not loop.last }}
    {% endfor %}

    {% for clocks in forms %}
        (select * from {{ model }} except all select * from asked_{{ loop.index }})
        union all
        (select * from asked_{{ loop.index }} except all select * from {{ model }})
        {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
