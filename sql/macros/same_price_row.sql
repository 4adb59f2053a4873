{# Two tables speak of the same row of efficiency.source_price_history. #}
{% macro same_price_row(one, other) -%}
    {{ one }}.model_id = {{ other }}.model_id
            and {{ one }}.provider_id = {{ other }}.provider_id
            and {{ one }}.source_id = {{ other }}.source_id
            and {{ one }}.token_kind = {{ other }}.token_kind
            and {{ one }}.tier is not distinct from {{ other }}.tier
            and {{ one }}.valid_from = {{ other }}.valid_from
{%- endmacro %}
