"""LiteLLM's price file: our own page in its shape, broken ones, and every row of the real captures read a second way."""

import json
import logging
import re
from decimal import Decimal

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources import litellm as source


def brief(found, label):
    return {
        (p.token_kind, p.tier): str((p.amount_original * 10**6).normalize())
        for p in found
        if isinstance(p, Price) and p.model_label == label
    }


def reasons(found):
    return [row.reason for row in found if isinstance(row, Rejected)]


@pytest.fixture
def read(page_of):
    return lambda *changes: list(source.read(page_of("model_prices.json", *changes)))


def test_a_float_per_token_is_an_exact_price_per_million(read):
    found = read()
    assert brief(found, "heron-1") == {
        ("input", None): "0.15",
        ("output", None): "0.6",
        ("input", "batch"): "0.075",
        ("output", "batch"): "0.3",
        ("input", "flex"): "0.075",
        ("input", "priority"): "0.25",
        ("cached_input", None): "0.075",
    }
    assert {p.unit_original for p in found} == {"per_token"}


def test_thresholds_service_tiers_and_the_life_of_a_cache_are_tiers(read):
    found = read()
    assert brief(found, "gull-2-pro") == {
        ("input", None): "1.25",
        ("input", "context>200k"): "2.5",
        ("output", None): "1E+1",
        ("output", "context>200k"): "15",
        ("cache_write", None): "1.625",
        ("cache_write", "cache_1h"): "2.6",
        ("cached_input", "priority, context>200k"): "0.45",
    }
    assert brief(found, "ft:heron-1") == {
        ("input", "fine-tuned"): "3",
        ("output", "fine-tuned"): "6",
        ("input", "batch, fine-tuned"): "1.5",
    }
    prefixed = read(('"ft:heron-1"', '"openai/ft:heron-1"'))
    assert brief(prefixed, "openai/ft:heron-1") == brief(found, "ft:heron-1")
    assert brief(found, "dashscope/tern-plus") == {
        ("input", None): "0.4",
        ("output", None): "1.2",
        ("input", "context>256k"): "1.2",
        ("output", "context>256k"): "3.6",
    }


def test_a_cached_price_that_stands_in_an_old_and_a_new_field_comes_once(read):
    found = read()
    assert brief(found, "owl/owl-chat")["cached_input", None] == "0.07"
    assert brief(found, "owl-old")["cached_input", None] == "0.014"
    assert len([p for p in found if p.model_label == "owl/owl-chat"]) == 3


def test_the_provider_is_the_entrys_own_field_and_never_a_part_of_its_name(read):
    found = {p.model_label: p.provider_id for p in read()}
    assert found == {
        "heron-1": "openai",
        "ft:heron-1": "openai",
        "gull-2-pro": "vertex",
        "us.wren.wren-7b-v1:0": "bedrock",
        "eu.wren.wren-7b-v1:0": "bedrock",
        "dashscope/tern-plus": "alibaba",
        "owl/owl-chat": "owlhost",  # not registered: loads under its own slug
        "owl-old": "deepseek",
        "kite-70b": "together",
        "ollama/finch": "ollama",
        "stork-code": "openai",
    }
    unnamed = read(
        ('        "litellm_provider": "openai",\n        "mode": "responses"', '        "mode": "responses"')
    )
    assert {p.model_label: p.provider_id for p in unnamed}["stork-code"] == "unstated"


def test_what_is_no_language_model_is_left_out_and_counted(read, caplog):
    with caplog.at_level(logging.INFO):
        found = read()
    assert not reasons(found)
    assert not {p.model_label for p in found} & {"sample_spec", "egg-embedding-3", "together-ai-41.1b-80b"}
    assert "1 mode embedding" in caplog.text and "1 mode image_generation" in caplog.text
    assert "1 mode not stated" in caplog.text  # a class of prices by size
    assert "1 language model without a price per token" in caplog.text  # priced by the second


def test_a_price_of_zero_stays_with_a_note(read):
    free = [p for p in read() if p.model_label == "ollama/finch"]
    assert [(p.token_kind, p.amount_original, p.notes) for p in free] == [
        ("input", 0, "free: listed at 0"),
        ("output", 0, "free: listed at 0"),
    ]


def test_every_row_says_where_it_stands_and_which_page_the_entry_names(read):
    found = read()
    assert found[0].row_locator == "$['heron-1']['input_cost_per_token']"
    assert found[0].source_url == "https://example.org/heron/prices"
    gull = next(p for p in found if p.model_label == "gull-2-pro")
    assert gull.source_url is None  # its source is no address
    tern = [p.row_locator for p in found if p.model_label == "dashscope/tern-plus"]
    assert tern[2] == "$['dashscope/tern-plus']['tiered_pricing'][1]['input_cost_per_token']"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("1.5e-07,", "true,", "['heron-1']['input_cost_per_token']: expected a price; found True"),
        ("1.5e-07,", "{},", "['input_cost_per_token']: expected a price; found {}"),
        ("1.5e-07,", '"cheap",', "['input_cost_per_token']: expected a number; found 'cheap'"),
        ("1.5e-07,", "-5,", "expected a price of zero or more; found -5"),
        ('"litellm_provider": "vertex_ai-language-models"', '"litellm_provider": ["vertex_ai"]', "expected a text"),
        ('"range": [0, 256000.0]', '"range": "small"', "expected a range of tokens and its prices"),
        ('"mode": "responses"', '"mode": 7', "['stork-code']['mode']: expected a text; found 7"),
    ],
)
def test_a_field_of_another_type_rejects_its_entry_and_no_other(read, old, new, told):
    found = read((old, new))
    assert len(reasons(found)) == 1
    assert told in reasons(found)[0]
    assert len({p.model_label for p in found if isinstance(p, Price)}) == 10


def test_null_and_varies_are_no_price_and_free_is_zero(read):
    found = read(("1.5e-07,", "null,"), ("2.7e-07,", '"varies",'), ("1.4e-07,", '"free",'))
    assert ("input", None) not in brief(found, "heron-1")
    assert ("input", None) not in brief(found, "owl/owl-chat")
    assert brief(found, "owl-old")["input", None] == "0"
    assert not reasons(found)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("input_cost_per_token", "price_in")], "expected prices of input tokens and about as many of output tokens"),
        ([("output_cost_per_token", "price_out")], "expected prices of input tokens"),
        ([('"mode": ', '"kind": ')], "expected entries with a mode; found none"),
        (
            [('"chat"', '"talk"'), ('"completion"', '"text"'), ('"responses"', '"talk"'), ("supports_", "can_")],
            "found 0 and 0",
        ),
        ([("output_cost_per_token", "output_cost_per_token_batches")], "expected prices of input tokens"),
        ([("e-07,", "e-01,"), ("e-06,", "e+00,")], "another unit"),
        ([('"output_cost_per_token": ', '"output_cost_per_token": 1000')], "a median output price of a million tokens"),
    ],
)
def test_a_file_in_another_shape_or_unit_is_an_error_and_no_empty_source(read, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(*changes)


@pytest.mark.parametrize("text", ["[]", "{}", '{"data": []}', '"moved"', "null", '[{"heron-1": {}}]'])
def test_json_of_another_shape_is_an_error(open_page, text):
    with pytest.raises(LayoutChanged):
        list(source.read(open_page(text)))


def test_a_file_cut_in_half_is_an_error(pages, open_page):
    text = (pages / "litellm" / "model_prices.json").read_text()
    for reading in (lambda page: list(source.read(page)), lambda page: page.check_whole()):
        with pytest.raises(LayoutChanged, match="JSON to its end"):
            reading(open_page(text[: len(text) // 2]))


# --- real captures: every row against a reading of the same file with the json module alone ---

FIELDS = {
    "input_cost_per_token": ("input", None),
    "input_cost_per_token_above_128k_tokens": ("input", "context>128k"),
    "input_cost_per_token_above_200k_tokens": ("input", "context>200k"),
    "input_cost_per_token_batches": ("input", "batch"),
    "input_cost_per_token_batch_requests": ("input", "batch"),
    "output_cost_per_token": ("output", None),
    "output_cost_per_token_above_128k_tokens": ("output", "context>128k"),
    "output_cost_per_token_above_200k_tokens": ("output", "context>200k"),
    "output_cost_per_token_batches": ("output", "batch"),
    "input_cost_per_token_cache_hit": ("cached_input", None),
    "cache_read_input_token_cost": ("cached_input", None),
    "cache_read_input_token_cost_above_200k_tokens": ("cached_input", "context>200k"),
    "cache_creation_input_token_cost": ("cache_write", None),
    "cache_creation_input_token_cost_above_200k_tokens": ("cache_write", "context>200k"),
}


def read_again(path):
    """Return label, kind, tier and dollars per million tokens of every language model, from the digits of the file."""
    entries = json.loads(path.read_text(), parse_float=str, parse_int=str)
    found = set()
    for name, entry in entries.items():
        mode = entry.get("mode", "chat" if "supports_function_calling" in entry else None)
        for field, (kind, tier) in FIELDS.items() if mode in ("chat", "completion", "responses") else ():
            if field in entry:
                tier_of = (
                    ", ".join(t for t in (tier, "fine-tuned" if name.split("/")[-1].startswith("ft:") else None) if t)
                    or None
                )
                found.add((name, kind, tier_of, Decimal(entry[field]) * 1_000_000))
    return found


@pytest.mark.parametrize(
    ("day", "n_rows"), [("2024-01-30", 350), ("2024-09-06", 934), ("2025-05-24", 1981), ("2025-09-01", 3305)]
)
def test_every_row_of_a_capture_equals_the_file_to_the_last_decimal(captures, open_page, day, n_rows):
    path = captures / "litellm" / day / "model_prices.json"
    found = list(source.read(open_page(path, source.SOURCE.urls[0], day)))
    assert not reasons(found)
    rows = {(p.model_label, p.token_kind, p.tier, p.amount_original * 1_000_000) for p in found}
    assert rows == read_again(path)
    assert len(found) == len(rows) == n_rows


def test_prices_of_the_captures_by_eye(captures, open_page):
    def prices(day, label):
        path = captures / "litellm" / day / "model_prices.json"
        found = [p for p in source.read(open_page(path, day=day)) if p.model_label == label]
        return {p.provider_id for p in found}, brief(found, label)

    assert prices("2024-01-30", "gpt-4") == ({"unstated"}, {("input", None): "3E+1", ("output", None): "6E+1"})
    assert prices("2025-09-01", "gpt-4o") == (
        {"openai"},
        {
            ("input", None): "2.5",
            ("output", None): "1E+1",
            ("input", "batch"): "1.25",
            ("output", "batch"): "5",
            ("cached_input", None): "1.25",
        },
    )
    assert prices("2025-09-01", "deepseek/deepseek-chat") == (
        {"deepseek"},
        {("input", None): "0.27", ("output", None): "1.1", ("cached_input", None): "0.07", ("cache_write", None): "0"},
    )
