{#
    Create the table macros `<model>_at(...)` from the very text that built the table.

    A model names the clocks it moves with in its config (`meta: {clocks: [as_of, known_at]}`) and calls this in a post-hook.
    The compiled SQL is taken as it is; the marked literals of clocks.sql become parameters, and every relation that has
    an `_at` macro itself is asked by the same clocks. Relations are named schema.table, never with the catalog, so that
    the macros survive a rename, a copy and an ATTACH (with USE) of the file.
#}
{% macro create_at_macros() -%}
    {%- if execute -%}
        {%- set clocks = model.config.meta.clocks -%}
        {%- set forms = [] -%}
        {%- if 'as_of' in clocks -%}
            {%- do forms.append('(as_of) as table (' ~ at_body(['as_of']) ~ ')') -%}
        {%- endif -%}
        {%- if 'known_at' in clocks -%}
            {%- do forms.append('(' ~ clocks | join(', ') ~ ') as table (' ~ at_body(clocks) ~ ')') -%}
        {%- endif -%}
        create or replace macro {{ model.schema }}.{{ model.alias }}_at
        {{ forms | join(',\n') }}
    {%- endif -%}
{%- endmacro %}

{# The model's own SQL with the given clocks as parameters. #}
{% macro at_body(clocks) -%}
    {%- set body = namespace(sql=model.compiled_code) -%}
    {%- if 'as_of' in clocks -%}
        {%- set body.sql = body.sql.replace(as_of(), 'cast(as_of as date)') -%}
    {%- endif -%}
    {%- if 'known_at' in clocks -%}
        {%- set body.sql = body.sql.replace(known_at(), end_of_moment('known_at')) -%}
    {%- endif -%}
    {%- for node in (graph.nodes.values() | list) + (graph.sources.values() | list) if node.get('relation_name') -%}
        {%- set own = node.config.get('meta', {}).get('clocks', []) | select('in', clocks) | list -%}
        {%- set name = node.schema ~ '.' ~ (node.get('alias') or node.identifier) -%}
        {%- set body.sql = body.sql.replace(node.relation_name, name ~ ('_at(' ~ own | join(', ') ~ ')' if own else '')) -%}
    {%- endfor -%}
    {{- body.sql -}}
{%- endmacro %}
