{# The table and each form of its macro, asked by the clocks of this build, give the same rows. #}
{% test table_equals_macro(model, forms) %}
    {% set moments = {'as_of': as_of(), 'known_at': "timestamp '" ~ known_at_moment() ~ "'"} %}
    {% for clocks in forms %}
        {% set arguments = [] %}
        {% for clock in clocks %}
            {% do arguments.append(moments[clock]) %}
        {% endfor %}
        {% set called = model.schema ~ '.' ~ model.identifier ~ '_at(' ~ arguments | join(', ') ~ ')' %}
        (select * from {{ model }} except all select * from {{ called }})
        union all
        (select * from {{ called }} except all select * from {{ model }})
        {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
