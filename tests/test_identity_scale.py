"""How many labels of the real pages find their model: of boards and cards by pair and by row, of price feeds first hand."""

import csv
import logging
from pathlib import Path

import duckdb
import pytest

from flows import labels
from flows.read import read_capture
from flows.replay import stored_captures
from flows.resolve import resolve
from flows.sources import reader_of
from warehouse.connect import create_schema
from warehouse.load import declare_sources, load, load_reference, read_fx_rates

REFERENCE = Path(__file__).parents[1] / "warehouse" / "reference"
FEEDS = ("litellm", "llm_prices", "openrouter")
# Those who serve what they make themselves: their names in a feed stand for models of their own.
FIRST_HAND = {
    "01-ai", "ai21", "alibaba", "anthropic", "cohere", "deepseek", "google", "meta", "minimax", "mistral", "moonshotai",
    "openai", "perplexity", "reka", "xai", "zai",
}  # fmt: skip
# Names in price feeds that are no chat models: those that only go on with a text, speak, draw, sing or route to others.
NO_CHAT = ("text-bison", "babbage", "davinci", "command-xlarge", "command-medium", "lyria", "-auto", "-nightly")


@pytest.fixture(scope="module")
def field(captures):
    """Return a store in memory with every label of the captures, and what resolving it came to."""
    found = stored_captures(captures)
    fx_rates = read_fx_rates(REFERENCE)
    logger = logging.getLogger("flows")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with duckdb.connect() as con:
        create_schema(con)
        load_reference(con, REFERENCE)
        declare_sources(con, [reader_of(source_id).SOURCE for source_id in found])
        load(con, [read_capture(page, reader_of(s), fx_rates) for s, pages in found.items() for page in pages])
        yield con, resolve(con)
    logger.setLevel(level)


SETTLED = """
    select {table}.source_id, {table}.model_label, {table}.provider_id, count(*) as n, bool_and(not is_provisional) as ok
    from raw.{table} join core.labels on {table}.source_id = labels.source_id and {table}.model_label = labels.label
    where (valid_from is null or valid_from <= {day}) and (valid_to is null or {day} < valid_to)
    group by {table}.source_id, {table}.model_label, {table}.provider_id order by all
"""


def test_of_the_labels_of_boards_and_cards_19_in_20_find_their_model(field):
    sql = SETTLED.replace("{table}.provider_id, ", "").replace(", {table}.provider_id", "")
    rows = field[0].execute(sql.format(table="scores", day="coalesce(measured_on, captured_at::date)")).fetchall()
    missing = [(source, label) for source, label, _, ok in rows if not ok]
    assert len(rows) > 1400
    assert len(missing) <= 0.05 * len(rows), missing
    assert sum(n for *_, n, ok in rows if not ok) <= 0.03 * sum(n for *_, n, _ in rows), missing


def test_of_the_labels_of_each_board_nine_in_ten_find_their_model(field):
    for source in (
        "aider",
        "evalplus",
        "livebench",
        "lmarena",
        "lmarena_csv",
        "openai_simple_evals",
        "vectara_hallucination",
    ):
        share = (
            field[0]
            .execute("select avg((not is_provisional)::integer) from core.labels where source_id = ?", [source])
            .fetchall()[0][0]
        )
        assert share >= 0.9, source


def test_of_the_chat_labels_of_first_hand_providers_19_in_20_find_their_model(field):
    with (REFERENCE / "organizations.csv").open(encoding="utf-8", newline="") as file:
        organizations = {row["organization_id"] for row in csv.DictReader(file)}
    day = "coalesce(effective_on, seen_on, captured_at::date)"
    rows = []
    for source, label, provider, _, ok in field[0].execute(SETTLED.format(table="prices", day=day)).fetchall():
        if source not in FEEDS or any(word in label for word in NO_CHAT):
            continue
        vendor = label.partition("/")[0]
        is_vendor = labels.VENDORS.get(vendor, vendor) in organizations
        if is_vendor if source == "openrouter" else provider in FIRST_HAND:
            rows.append((source, label, ok))
    missing = [(source, label) for source, label, ok in rows if not ok]
    assert len(rows) > 900
    assert len(missing) <= 0.05 * len(rows), missing


def test_resolving_all_of_it_takes_seconds(field):
    assert field[1].n_labels > 3500
    assert field[1].n_seconds < 30


def test_no_score_board_has_two_labels_of_one_model_and_variant(field):
    assert [clash for clash in field[1].clashes if clash.source_id not in FEEDS] == []


def test_every_clash_of_a_price_feed_names_both_labels_their_capture_and_their_model(field):
    clashes = [clash for clash in field[1].clashes if clash.source_id in FEEDS]
    assert clashes
    for clash in clashes:
        why = (
            field[0]
            .execute(
                "select candidates[0] ->> 'why' from meta.unresolved_labels where source_id = ? and label = ?",
                [clash.source_id, clash.label],
            )
            .fetchall()
        )
        assert why == [(f"clash: {clash.other!r} of capture {clash.capture_id} is this model too",)]
        assert clash.model_id in str(clash)
        assert clash.label in str(clash)


def test_no_label_means_a_model_that_came_out_later(field):
    """A price or a score of a day before the release is the surest sign of a wrong match."""
    late = (
        field[0]
        .execute(
            """select distinct scores.source_id, label, model_id from raw.scores
        join core.labels on scores.source_id = labels.source_id and model_label = label
        join reference.models using (model_id)
        where coalesce(measured_on, captured_at::date) < released_on - 3
            and (valid_from is null or valid_from <= coalesce(measured_on, captured_at::date))
            and (valid_to is null or coalesce(measured_on, captured_at::date) < valid_to)
        union all
        select distinct prices.source_id, label, model_id from raw.prices
        join core.labels on prices.source_id = labels.source_id and model_label = label
        join reference.models using (model_id)
        where coalesce(effective_on, seen_on, captured_at::date) < released_on - 3
            and (valid_from is null or valid_from <= coalesce(effective_on, seen_on, captured_at::date))
            and (valid_to is null or coalesce(effective_on, seen_on, captured_at::date) < valid_to)"""
        )
        .fetchall()
    )
    assert late == []
