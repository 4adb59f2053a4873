{# Quantile of the standard normal distribution (Abramowitz and Stegun 1964, 26.2.23; error under 4.5e-4). #}
{% macro normal_quantile(p) -%}
    {%- set t = 'sqrt(-2 * ln(least(' ~ p ~ ', 1 - (' ~ p ~ '))))' -%}
    (
        sign({{ p }} - 0.5)
        * (
            {{ t }}
            - (2.515517 + 0.802853 * {{ t }} + 0.010328 * pow({{ t }}, 2))
            / (1 + 1.432788 * {{ t }} + 0.189269 * pow({{ t }}, 2) + 0.001308 * pow({{ t }}, 3))
        )
    )
{%- endmacro %}

{# z of a two-sided interval; 95 % where the page gives no level. #}
{% macro interval_z(level) -%}
    case round(coalesce({{ level }}, 0.95), 4)
        when 0.95 then 1.959964
        when 0.9 then 1.644854
        when 0.99 then 2.575829
        else {{ normal_quantile('(1 + ' ~ level ~ ') / 2') }}
    end
{%- endmacro %}

{# Limit of Wilson's 95 % interval (Wilson 1927) for the share p of n cases; side is '+' or '-'. #}
{% macro wilson_limit(p, n, side) -%}
    (
        (
            {{ p }} + pow(1.959964, 2) / (2 * {{ n }})
            {{ side }} 1.959964 * sqrt({{ p }} * (1 - {{ p }}) / {{ n }} + pow(1.959964, 2) / (4 * pow({{ n }}, 2)))
        )
        / (1 + pow(1.959964, 2) / {{ n }})
    )
{%- endmacro %}
