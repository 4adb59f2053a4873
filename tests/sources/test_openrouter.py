"""OpenRouter's answers: our own in its shapes, broken ones, and every row of the real captures read a second way."""

import json
import logging
import re
from decimal import Decimal

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected, Speed
from flows.sources import openrouter as source


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
    return lambda *changes, name="models": list(source.read(page_of(f"{name}.json", *changes)))


def test_prices_of_text_tokens_are_read_and_no_price_per_request_image_search_or_sound(read):
    assert brief(read(), "heronlabs/heron-1") == {
        ("input", None): "3",
        ("output", None): "15",
        ("cached_input", None): "0.3",
        ("cache_write", None): "3.75",
        ("cache_write", "cache_1h"): "6",
        ("input", "context>200k"): "6",
        ("output", "context>200k"): "22.5",
    }


def test_everything_is_asked_by_openrouter_under_the_id_of_the_route(read):
    found = read()
    assert {(p.provider_id, p.currency, p.unit_original) for p in found} == {("openrouter", "USD", "per_token")}
    assert list(dict.fromkeys(p.model_label for p in found)) == [
        "heronlabs/heron-1",
        "heronlabs/heron-1:thinking",
        "gull/gull-8b",
        "gull/gull-8b:free",
        "wren/wren-image",  # makes images and text: its text is sold by the token
    ]
    assert found[0].row_locator == "$['data'][0]['pricing']['prompt']"
    assert found[5].row_locator == "$['data'][0]['pricing']['overrides'][0]['prompt']"


def test_a_free_route_is_zero_with_a_note(read):
    free = [p for p in read() if p.model_label == "gull/gull-8b:free"]
    assert [(p.token_kind, p.tier, p.amount_original, p.notes) for p in free] == [
        ("input", None, 0, "free: listed at 0"),
        ("output", None, 0, "free: listed at 0"),
    ]


def test_what_varies_what_holds_by_the_hour_and_what_makes_images_alone_is_left_out_and_counted(read, caplog):
    with caplog.at_level(logging.INFO):
        found = read()
    assert not reasons(found)
    assert brief(found, "gull/gull-8b") == {("input", None): "0.0195", ("output", None): "0.05"}
    assert "2 price that varies, or is not told" in caplog.text
    assert "1 price under utc_days" in caplog.text and "1 price under min_prompt_tokens, utc_start" in caplog.text
    assert "1 model that makes image" in caplog.text


@pytest.mark.parametrize("word", ["-1", "varies", "dynamic", ""])
def test_words_for_no_price_give_no_row(read, word):
    assert brief(read(('"0.0000000195"', f'"{word}"')), "gull/gull-8b") == {("output", None): "0.05"}


def test_a_number_is_as_good_as_a_text_and_the_word_free_is_zero(read):
    found = read(('"0.0000000195"', "1.95e-08"), ('"0.00000005"', '"free"'))
    assert brief(found, "gull/gull-8b") == {("input", None): "0.0195", ("output", None): "0"}


@pytest.mark.parametrize("key", ["body", "response"])
def test_a_scrapers_envelope_is_opened_and_stays_in_the_path(pages, open_page, key):
    answer = json.loads((pages / "openrouter" / "models.json").read_text())
    wrapped = json.dumps({"fetched_at": "2026-07-17T18:48:20+00:00", "url": "https://example.org", key: answer})
    found = list(source.read(open_page(wrapped)))
    assert len(found) == len(list(source.read(open_page(json.dumps(answer)))))
    assert found[0].row_locator == f"$['{key}']['data'][0]['pricing']['prompt']"


def test_a_bare_list_of_models_is_read_too(pages, open_page):
    answer = json.loads((pages / "openrouter" / "models.json").read_text())
    assert next(source.read(open_page(json.dumps(answer["data"])))).row_locator == "$[0]['pricing']['prompt']"


def test_rows_of_the_sites_table_are_cents_with_the_noise_of_floats_taken_off(read):
    found = read(name="table")
    assert [(p.model_label, p.token_kind, p.tier, p.amount_original, p.unit_original) for p in found] == [
        ("gull/gull-8b:free", "input", None, 0, "per_mtok"),
        ("gull/gull-8b:free", "output", None, 0, "per_mtok"),
        ("gull/gull-8b", "input", None, Decimal("0.27"), "per_mtok"),
        ("gull/gull-8b", "output", None, Decimal("1.1"), "per_mtok"),
        ("heronlabs/heron-1", "input", None, 150, "per_mtok"),
        ("heronlabs/heron-1", "output", None, 600, "per_mtok"),
    ]
    assert found[3].row_locator == "$['models'][1]['prices'][1]"
    assert "two prices" in reasons(read(("[27, 110.00000000000001]", "[27]"), name="table"))[0]


def test_endpoints_give_the_median_speed_of_each_host(read):
    found = read(name="endpoints")
    assert [(s.model_label, s.provider_id, s.statistic, s.tokens_per_second, s.notes) for s in found] == [
        ("gull/gull-8b", "deepinfra", "median", 98.5, "fp8, over OpenRouter, last 30 minutes"),
        ("gull/gull-8b", "google", "median", 210.0, "over OpenRouter, last 30 minutes"),
    ]
    assert all(isinstance(s, Speed) and s.ttft_seconds is None for s in found)  # the latency has no stated unit
    assert found[0].row_locator == "$['data']['endpoints'][0]['throughput_last_30m']['p50']"
    (bad,) = [row for row in read(("98.5", '"fast"'), name="endpoints") if isinstance(row, Rejected)]
    assert (bad.table, bad.model_label) == ("speeds", "gull/gull-8b")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"0.0000000195"', "[1]", "$['data'][2]['pricing']['prompt']: expected a price; found [1]"),
        ('"0.0000000195"', '"cheap"', "expected a number; found 'cheap'"),
        ('"0.0000000195"', '"-0.5"', "expected a price of zero or more; found -0.5"),
        ('"id": "gull/gull-8b",', '"id": 8,', "expected a model's name"),
        ('"id": "gull/gull-8b",', '"slug": "gull/gull-8b",', "expected a model's name"),
        ('"min_prompt_tokens": 200000', '"min_prompt_tokens": "many"', "a whole number of tokens"),
    ],
)
def test_a_field_of_another_type_rejects_its_model_and_no_other(read, old, new, told):
    found = read((old, new))
    assert len(reasons(found)) == 1
    assert told in reasons(found)[0]
    assert len({p.model_label for p in found if isinstance(p, Price)}) == 4


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([('"pricing"', '"price"')], "found 0 and 0; 6 entries cannot be read"),
        ([('"prompt"', '"in"')], "expected prices of input tokens"),
        ([('"completion"', '"out"')], "expected prices of input tokens"),
        ([('"data"', '"result"')], "a list of models under 'data'; found 'result'"),
    ],
)
def test_an_answer_in_another_shape_is_an_error_and_no_empty_source(read, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(*changes)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"data": []}', '{"error": {"code": 401, "message": "No auth"}}', "5", '{"data": ["a"]}']
)
def test_json_of_another_shape_is_an_error(open_page, text):
    with pytest.raises(LayoutChanged):
        list(source.read(open_page(text)))


def test_prices_per_million_under_the_same_names_are_another_unit(open_page):
    items = [{"id": f"a/m{n}", "pricing": {"prompt": "0.5", "completion": "1.5"}} for n in range(9)]
    with pytest.raises(LayoutChanged, match="another unit"):
        list(source.read(open_page(json.dumps({"data": items}))))


# --- real captures: every row against a reading of the same file with the json module alone ---

NAMES = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cached_input",
    "input_cache_write": "cache_write",
}


def read_again(path):
    answer = json.loads(path.read_text(), parse_float=str, parse_int=str)
    if "models" in answer:  # the table, in cents that went through floats
        rows = [(m["code"], zip(("input", "output"), m["prices"], strict=True)) for m in answer["models"]]
        return {
            (code, kind, None, round(Decimal(cents) / 100, 10))
            for code, prices in rows
            for kind, cents in prices
            if cents != "--"
        }
    found = set()
    for model in answer.get("body", answer)["data"]:
        levels = [(None, model["pricing"])]
        for over in model["pricing"].get("overrides", []):
            levels.append((f"context>{over['min_prompt_tokens'][:-3]}k", over))
        for tier, prices in levels:
            for name, kind in NAMES.items():
                if prices.get(name) not in (None, "-1"):
                    found.add((model["id"], kind, tier, Decimal(prices[name]) * 1_000_000))
            if "input_cache_write_1h" in prices:
                tier_1h = f"cache_1h, {tier}" if tier else "cache_1h"
                found.add((model["id"], "cache_write", tier_1h, Decimal(prices["input_cache_write_1h"]) * 1_000_000))
    return found


@pytest.mark.parametrize(("day", "n_rows"), [("2025-03-25", 560), ("2026-03-13", 827), ("2026-07-18", 1072)])
def test_every_row_of_a_capture_equals_the_file_to_the_last_decimal(captures, open_page, day, n_rows):
    path = captures / "openrouter" / day / "models.json"
    found = list(source.read(open_page(path, source.SOURCE.urls[0], day)))
    assert not reasons(found)
    units = {"per_token": 1_000_000, "per_mtok": 1}
    rows = {(p.model_label, p.token_kind, p.tier, p.amount_original * units[p.unit_original]) for p in found}
    assert rows == read_again(path)
    assert len(found) == len(rows) == n_rows


def test_prices_of_the_captures_by_eye(captures, open_page):
    def prices(day, label):
        found = source.read(open_page(captures / "openrouter" / day / "models.json", day=day))
        return {(p.token_kind, p.tier): p.amount_original for p in found if p.model_label == label}

    # $0.27 and $1.10 in and out per million tokens, kept as 27 and 110.00000000000001
    assert prices("2025-03-25", "deepseek/deepseek-chat-v3-0324") == {
        ("input", None): Decimal("0.27"),
        ("output", None): Decimal("1.1"),
    }
    assert prices("2026-03-13", "x-ai/grok-4.20-multi-agent-beta") == {
        ("input", None): Decimal("0.000002"),
        ("output", None): Decimal("0.000006"),
        ("cached_input", None): Decimal("0.0000002"),
    }
    assert prices("2026-07-18", "tencent/hy3:free") == {("input", None): 0, ("output", None): 0}
    assert prices("2026-07-18", "openrouter/auto") == {}
