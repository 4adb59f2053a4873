"""models.dev: our own registry in its shape, broken ones; no capture of it is at hand."""

import json
import logging
import re
from datetime import date

import pytest

from flows.errors import LayoutChanged
from flows.records import ModelFact, Price, Rejected
from flows.sources import models_dev as source


def brief(found, provider, label):
    return {
        (p.token_kind, p.tier): str(p.amount_original)
        for p in found
        if isinstance(p, Price) and (p.provider_id, p.model_label) == (provider, label)
    }


def facts(found):
    return {fact.model_id: fact for fact in found if isinstance(fact, ModelFact)}


def reasons(found):
    return [row.reason for row in found if isinstance(row, Rejected)]


@pytest.fixture
def read(page_of):
    return lambda *changes: list(source.read(page_of("api.json", *changes)))


def test_prices_are_per_million_tokens_and_a_length_of_prompt_is_a_tier(read):
    assert brief(read(), "heronlabs", "heron-1") == {
        ("input", None): "0.6",
        ("output", None): "2.2",
        ("cached_input", None): "0.11",
        ("cache_write", None): "0",
        ("input", "context>200k"): "1.2",
        ("output", "context>200k"): "3.3",
        ("cached_input", "context>200k"): "0.22",
    }


def test_tiers_win_over_the_older_field_that_repeats_them(read):
    assert brief(read(), "heronlabs", "heron-1-mini") == {
        ("input", None): "5",
        ("output", None): "30",
        ("cached_input", None): "0.5",
        ("input", "context>272k"): "10",
        ("output", "context>272k"): "45",
    }


def test_facts_are_kept_as_each_provider_gives_them(read):
    found = facts(read())
    heron = found["heronlabs.heron-1"]
    assert (heron.model_label, heron.name, heron.family, heron.released_on) == (
        "heron-1",
        "Heron 1",
        "heron",
        date(2025, 7, 28),
    )
    assert (heron.access, heron.is_reasoning, heron.context_tokens, heron.notes) == ("open", True, 204_800, None)
    assert heron.row_locator == "$['heronlabs']['models']['heron-1']"


def test_a_month_is_no_day_and_a_context_of_zero_is_none(read):
    mini = facts(read())["heronlabs.heron-1-mini"]
    assert (mini.released_on, mini.notes) == (None, "released in 2026-01, the day is not told")
    assert (mini.access, mini.is_reasoning, mini.context_tokens) == ("closed", False, None)


def test_ids_that_differ_in_capitals_alone_stay_two_entries(read):
    found = read()
    ids = [name for name in facts(found) if name.startswith("togetherai.heronlabs-heron-1")]
    assert len(ids) == 2
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.\-]*", name) for name in facts(found))
    assert brief(found, "together", "heronlabs/Heron-1") == {("input", None): "0.55", ("output", None): "2.19"}


def test_an_entry_that_extends_another_takes_over_what_it_does_not_say(read):
    found = read()
    assert brief(found, "together", "heronlabs/heron-1") == {("input", None): "0.7", ("output", None): "2.3"}
    (taken,) = [f for f in facts(found).values() if f.model_label == "heronlabs/heron-1"]
    assert (taken.name, taken.released_on, taken.context_tokens) == ("Heron 1", date(2025, 7, 28), 204_800)
    assert "a model of this registry" in reasons(read(('"from": "heronlabs/heron-1"', '"from": "nobody/heron"')))[0]


def test_a_model_without_prices_is_still_a_fact_and_zero_has_a_note(read):
    found = read()
    assert "togetherai.heronlabs-heron-0" in facts(found)
    assert not brief(found, "together", "heronlabs/heron-0")
    plan = [p for p in found if isinstance(p, Price) and p.provider_id == "heron-coding-plan"]
    assert [(p.amount_original, p.notes) for p in plan] == [(0, "free: listed at 0")] * 2


def test_what_makes_or_takes_no_text_and_embeddings_are_left_out_and_counted(read, caplog):
    with caplog.at_level(logging.INFO):
        found = read()
    assert not {row.model_label for row in found} & {"heron-embed", "heron-ear", "heron-brush"}
    for reason in (
        "embedding, reranking or speech model",
        "model without text as its input",
        "without text as its output",
    ):
        assert reason in caplog.text
    assert "model of type embedding" in _log_of(caplog, read, ('"family": "text-embedding",', '"type": "embedding",'))


def _log_of(caplog, read, change):
    caplog.clear()
    with caplog.at_level(logging.INFO):
        read(change)
    return caplog.text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"input": 5, "output": 30', '"input": "much", "output": 30', "['cost']['input']: expected a number"),
        ('"input": 5, "output": 30', '"input": {}, "output": 30', "['cost']['input']: expected a price; found {}"),
        ('"cost": {"input": 0.55, "output": 2.19}', '"cost": 0.55', "['cost']: expected an object of prices"),
        ('"size": 272000', '"size": "272k"', "['tier']['size']: expected a whole number of tokens"),
        ('"tier": {"type": "context"', '"tier": {"type": "batch"', "expected prices over a length of prompt"),
        ('"open_weights": false,\n        "cost"', '"open_weights": "no",\n        "cost"', "expected true or false"),
        ('"release_date": "2026-01"', '"release_date": "2026-Q1"', "['release_date']: expected a date"),
        ('{"context": 0,', '{"context": "8k",', "['limit']['context']: expected a whole number"),
        ('{"context": 0,', '{"context": -8192,', "['limit']['context']: expected a whole number"),
    ],
)
def test_a_field_of_another_type_rejects_its_entry_and_no_other(read, old, new, told):
    found = read((old, new))
    assert len(reasons(found)) == 1
    assert told in reasons(found)[0]
    assert len(facts(found)) == 5


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([('"models"', '"entries"')], "providers with their models; found 0 among 3 entries"),
        ([('"cost"', '"price"')], "found 0 and 0"),
        ([('"output": ', '"out": ')], "expected prices of input tokens"),
    ],
)
def test_a_registry_in_another_shape_is_an_error_and_no_empty_source(read, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(*changes)


@pytest.mark.parametrize("text", ["[]", "{}", '{"openai": {"models": {}}}', '{"message": "moved"}', "null"])
def test_json_of_another_shape_is_an_error(open_page, text):
    with pytest.raises(LayoutChanged):
        list(source.read(open_page(text)))


def test_every_row_of_the_page_passes_validation(pages):
    from datetime import datetime

    from expectations.validate import validate
    from flows.archive import Capture
    from flows.read import read_capture

    body = (pages / "models_dev" / "api.json").read_bytes()
    capture = Capture("models_dev", source.SOURCE.urls[0], datetime(2026, 7, 18), body, "application/json", 200)
    found = validate(read_capture(capture, source), source.SOURCE)
    assert (found.state, found.message, found.quarantine) == ("ok", None, [])
    assert json.loads(body).keys() == {"heronlabs", "togetherai", "heron-coding-plan"}
    assert (len(found.frames["models"]), len(found.frames["prices"])) == (6, 18)
