-- The store's own tables: raw (append-only, what pages said) and reference (hand-kept entities, re-read from CSV by each
-- build). Everything else is built from these by sql/. Timestamps are UTC; raw tables have no keys: a capture read by one
-- reader version is loaded once (raw.readings), in one transaction.
create schema if not exists raw;
create schema if not exists reference;
create schema if not exists core;
create schema if not exists meta;

create table if not exists raw.layout (version integer not null, created_at timestamp not null);

create table if not exists raw.runs (
    run_id varchar not null,
    command varchar not null,
    started_at timestamp not null,
    finished_at timestamp,
    state varchar not null,
    message varchar,
    program_version varchar
);

create table if not exists raw.source_runs (
    run_id varchar not null,
    source_id varchar not null,
    state varchar not null,
    n_captures integer not null,
    n_new_captures integer not null,
    rows_read integer not null,
    rows_accepted integer not null,
    rows_quarantined integer not null,
    message varchar,
    seconds double
);

create table if not exists raw.captures (
    capture_id varchar not null,
    source_id varchar not null,
    url varchar not null,
    captured_at timestamp not null,
    body_sha256 varchar not null,
    body_bytes bigint not null,
    content_type varchar,
    http_status integer,
    etag varchar,
    last_modified varchar,
    archive_file varchar not null,
    archive_offset bigint not null
);

create table if not exists raw.readings (
    reading_id varchar not null,
    capture_id varchar not null,
    source_id varchar not null,
    reader_version integer not null,
    read_at timestamp not null,
    state varchar not null,
    rows_read integer not null,
    rows_accepted integer not null,
    rows_quarantined integer not null,
    message varchar
);

create table if not exists raw.quarantine (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    table_name varchar not null,
    row_locator varchar not null,
    model_label varchar,
    reason varchar not null,
    row_json json not null,
    captured_at timestamp not null
);

create table if not exists raw.expectation_results (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    table_name varchar not null,
    expectation varchar not null,
    column_name varchar,
    severity varchar not null,
    is_success boolean not null,
    n_rows integer not null,
    n_unexpected integer not null,
    detail varchar
);

create table if not exists raw.changes (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    previous_capture_id varchar not null,
    table_name varchar not null,
    check_name varchar not null,
    severity varchar not null,
    subject varchar,
    before_value varchar,
    after_value varchar,
    detail varchar not null
);

create table if not exists raw.scores (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    row_locator varchar not null,
    model_label varchar not null,
    source_url varchar not null,
    is_estimate boolean not null,
    notes varchar,
    captured_at timestamp not null,
    benchmark_id varchar not null,
    variant varchar,
    score double not null,
    ci_low double,
    ci_high double,
    ci_level double,
    n_samples integer,
    reported_by varchar not null,
    is_contaminated boolean not null,
    measured_on date
);

create table if not exists raw.prices (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    row_locator varchar not null,
    model_label varchar not null,
    source_url varchar not null,
    is_estimate boolean not null,
    notes varchar,
    captured_at timestamp not null,
    provider_id varchar not null,
    token_kind varchar not null,
    usd_per_mtok decimal(18, 6) not null,
    amount_original decimal(24, 15) not null,
    currency varchar not null,
    unit_original varchar not null,
    fx_rate decimal(18, 9) not null,
    tier varchar,
    effective_on date,
    seen_on date,
    ends_on date
);

create table if not exists raw.speeds (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    row_locator varchar not null,
    model_label varchar not null,
    source_url varchar not null,
    is_estimate boolean not null,
    notes varchar,
    captured_at timestamp not null,
    provider_id varchar not null,
    tokens_per_second double,
    tokens_per_second_low double,
    tokens_per_second_high double,
    ttft_seconds double,
    region varchar,
    prompt_tokens integer,
    statistic varchar not null,
    measured_on date
);

create table if not exists raw.run_costs (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    row_locator varchar not null,
    model_label varchar not null,
    source_url varchar not null,
    is_estimate boolean not null,
    notes varchar,
    captured_at timestamp not null,
    benchmark_id varchar not null,
    variant varchar,
    total_cost_usd decimal(18, 6),
    n_cases integer,
    seconds_per_case double,
    prompt_tokens bigint,
    completion_tokens bigint,
    measured_on date
);

create table if not exists raw.models (
    source_id varchar not null,
    capture_id varchar not null,
    reading_id varchar not null,
    row_locator varchar not null,
    model_label varchar not null,
    source_url varchar not null,
    is_estimate boolean not null,
    notes varchar,
    captured_at timestamp not null,
    model_id varchar not null,
    name varchar,
    organization_id varchar,
    family varchar,
    released_on date,
    access varchar,
    licence varchar,
    params_total_b double,
    params_active_b double,
    params_low_b double,
    params_high_b double,
    is_reasoning boolean,
    is_base boolean,
    context_tokens bigint
);

-- Benchmarks registered by `convergence import` (columns benchmark_name, score_min, ...); reference.benchmarks wins.
create table if not exists raw.benchmarks (
    source_id varchar not null,
    capture_id varchar not null,
    benchmark_id varchar not null,
    name varchar,
    score_min double,
    score_max double,
    chance double,
    higher_is_better boolean,
    scale_kind varchar
);

-- Every source a module declares, as of the last run.
create table if not exists meta.sources (
    source_id varchar not null,
    title varchar not null,
    kind varchar not null,
    publisher varchar,
    page_is varchar not null,
    precedence integer not null,
    cadence_days double not null,
    licence varchar,
    may_republish boolean not null,
    url varchar not null,
    n_pages integer not null default 1,
    attribution varchar
);
alter table meta.sources add column if not exists attribution varchar;

-- Identity as resolved by flows/resolve.py: one row per label, source and span of validity.
create table if not exists core.labels (
    label varchar not null,
    source_id varchar not null,
    valid_from date,
    valid_to date,
    model_id varchar not null,
    variant varchar,
    method varchar not null,
    is_provisional boolean not null
);

create table if not exists meta.unresolved_labels (
    label varchar not null,
    source_id varchar not null,
    n_rows integer not null,
    first_captured_at timestamp not null,
    last_captured_at timestamp not null,
    provisional_model_id varchar not null,
    candidates json not null
);

create table if not exists reference.models (
    model_id varchar not null, name varchar not null, organization_id varchar not null, family varchar, released_on date,
    access varchar not null, licence varchar, params_total_b double, params_active_b double, params_low_b double,
    params_high_b double, is_estimate boolean, is_reasoning boolean, is_base boolean, context_tokens bigint,
    notes varchar, source_url varchar not null
);
create table if not exists reference.aliases (
    label varchar not null, source_id varchar, valid_from date, valid_to date, model_id varchar not null, variant varchar,
    reason varchar not null, source_url varchar not null
);
create table if not exists reference.organizations (
    organization_id varchar not null, name varchar not null, country varchar, source_url varchar not null
);
create table if not exists reference.providers (
    provider_id varchar not null, name varchar not null, organization_id varchar, source_url varchar not null
);
create table if not exists reference.benchmarks (
    benchmark_id varchar not null, name varchar not null, maintainer varchar, unit varchar not null, score_min double,
    score_max double, chance double, practical_ceiling double, higher_is_better boolean not null,
    scale_kind varchar not null, default_variant varchar, n_cases integer, is_private boolean, source_url varchar not null
);
create table if not exists reference.successions (
    model_id varchar not null, predecessor_id varchar not null, kind varchar not null, source_url varchar not null
);
create table if not exists reference.fx_rates (
    currency varchar not null, valid_on date not null, usd_per_unit decimal(18, 9) not null, source_url varchar not null
);

-- Models that `convergence import --table models` brought, under the id resolve gave them; they win over reference.models.
create table if not exists reference.imported_models (
    source_id varchar not null, model_id varchar not null, name varchar, organization_id varchar, family varchar,
    released_on date, access varchar, licence varchar, params_total_b double, params_active_b double, params_low_b double,
    params_high_b double, is_estimate boolean, is_reasoning boolean, is_base boolean, context_tokens bigint,
    notes varchar, source_url varchar not null
);

-- Settings of this warehouse, such as registry = false after `convergence import --no-registry`.
create table if not exists raw.settings (name varchar not null, value varchar not null);
