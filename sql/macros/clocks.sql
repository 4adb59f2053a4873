{# The two clocks. Each renders as a marked literal, which at_macros.sql replaces by a parameter in the `..._at` macros. #}

{# The day of the question: released or valid by then, with scores learned later. #}
{% macro as_of() -%}
    /* as_of */ cast('{{ var("as_of") or run_started_at.strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}

{# What had been captured by then. A bare day (midnight) means the whole of that day. #}
{% macro known_at() -%}
    /* known_at */ {{ end_of_moment("'" ~ known_at_moment() ~ "'") }}
{%- endmacro %}

{% macro known_at_moment() -%}
    {{ var("known_at") or "9999-12-30 23:00:00" }}
{%- endmacro %}

{% macro end_of_moment(moment) -%}
    (
        cast({{ moment }} as timestamp)
        + case
            when cast({{ moment }} as timestamp) = date_trunc('day', cast({{ moment }} as timestamp))
                then interval '1 day' - interval '1 microsecond'
            else interval '0 days'
        end
    )
{%- endmacro %}
