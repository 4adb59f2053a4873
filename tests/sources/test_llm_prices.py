"""llm-prices: our own files in its shapes, broken ones, and every row of the real captures read a second way."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources import llm_prices as source


def brief(found):
    return [
        (p.model_label, p.token_kind, p.tier, str(p.amount_original), p.effective_on, p.seen_on, p.ends_on)
        for p in found
        if isinstance(p, Price)
    ]


def reasons(found):
    return [row.reason for row in found if isinstance(row, Rejected)]


@pytest.fixture
def read(page_of):
    return lambda *changes, name="vendor": list(source.read(page_of(f"{name}.json", *changes)))


def test_from_date_is_the_first_day_and_to_date_the_first_day_no_longer(read):
    change = date(2025, 2, 8)
    assert brief(read())[:5] == [
        ("heron-chat", "input", None, "0.27", change, None, None),
        ("heron-chat", "output", None, "1.10", change, None, None),
        ("heron-chat", "cached_input", None, "0.07", change, None, None),
        ("heron-chat", "input", None, "0.14", None, date(2025, 2, 7), change),  # in force on its last day, at least
        ("heron-chat", "output", None, "0.28", None, date(2025, 2, 7), change),
    ]


def test_a_price_that_will_end_is_valid_on_the_day_of_capture(read):
    ends = date(2026, 9, 1)  # the page is of 2026-01-01
    assert [row[3:] for row in brief(read()) if row[0] == "wren-5"] == [
        ("2", None, None, ends),
        ("10", None, None, ends),
        ("3", ends, None, None),
        ("15", ends, None, None),
    ]


def test_a_price_over_a_length_of_prompt_is_a_tier_of_its_model_and_no_model_of_its_own(read):
    assert [row[:4] for row in brief(read()) if row[0].startswith("gull")] == [
        ("gull-2-pro", "input", None, "1.25"),
        ("gull-2-pro", "output", None, "10"),
        ("gull-2-pro", "cached_input", None, "0.125"),
        ("gull-2-pro", "input", "context>200k", "2.5"),
        ("gull-2-pro", "output", "context>200k", "15"),
    ]


def test_zero_has_a_note_two_models_in_one_row_are_told_and_what_is_listed_twice_comes_once(read):
    found = read()
    assert {p.notes for p in found if p.model_label == "owl-flash"} == {"free: listed at 0"}
    assert {p.notes for p in found if p.model_label == "wren-5"} == {"of Wren 4 and 5"}
    assert [row[1:4] for row in brief(found) if row[0] == "owl-fast"] == [
        ("input", None, "0.2"),
        ("output", None, "0.5"),
        ("cached_input", None, "0.05"),
    ]
    assert "nest-image-1" not in {p.model_label for p in found}


def test_rows_name_the_vendors_own_service_and_their_place(read):
    found = read()
    assert {p.provider_id for p in found} == {"moonshotai"}
    assert found[3].row_locator == "$['models'][0]['price_history'][1]['input']"
    assert {p.unit_original for p in found} == {"per_mtok"}


def test_the_sites_file_of_all_vendors_says_the_same(read):
    found = read(name="historical")
    assert [row[:4] for row in brief(found)] == [
        ("heron-chat", "input", None, "0.27"),
        ("heron-chat", "output", None, "1.1"),
        ("heron-chat", "input", None, "0.14"),
        ("heron-chat", "output", None, "0.28"),
        ("gull-2-pro", "input", "context>200k", "2.5"),
        ("gull-2-pro", "output", "context>200k", "15"),
    ]
    assert [p.provider_id for p in found] == ["zai"] * 4 + ["kestrel"] * 2  # not registered: under its own slug
    assert found[0].row_locator == "$['prices'][0]['input']"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"input": 1.25', '"input": [1.25]', "$['models'][1]['price_history'][0]['input']: expected a price; found ["),
        ('"input": 1.25', '"input": -2', "expected a price of zero or more"),
        ('"from_date": "2025-02-08"', '"from_date": "spring"', "expected a date such as"),
        ('"from_date": "2025-02-08"', '"from_date": 20250208', "['from_date']: expected a text"),
        ('null, "to_date": "2025-02-08"', '"2025-03-01", "to_date": "2025-02-08"', "began before it ended"),
        ('"id": "gull-2-pro",', '"key": "gull-2-pro",', "expected a model's name"),
        ('"name": "Gull 2 Pro ≤200k"', '"name": null', "['name']: expected a text"),
    ],
)
def test_a_price_that_cannot_be_read_is_rejected_and_the_others_stay(read, old, new, told):
    found = read((old, new))
    assert len(reasons(found)) == 1
    assert told in reasons(found)[0]
    assert len(brief(found)) >= 16


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([('"models"', '"items"')], "a vendor with its models, or a list of prices; found keys 'vendor', 'items'"),
        ([('"vendor"', '"maker"')], "a vendor with its models"),
        ([('"price_history"', '"history"')], "8 entries cannot be read"),
        ([('"input"', '"in"')], "found 0 and "),
        ([('"output"', '"out"')], "prices of input tokens"),
    ],
)
def test_a_file_in_another_shape_is_an_error_and_no_empty_source(read, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(*changes)


@pytest.mark.parametrize("text", ["[]", "{}", '{"vendor": "openai", "models": []}', '{"prices": {}}', "404"])
def test_json_of_another_shape_is_an_error(open_page, text):
    with pytest.raises(LayoutChanged):
        list(source.read(open_page(text)))


@pytest.mark.parametrize("key", ["from_date", "to_date"])
def test_a_history_whose_days_have_another_name_is_an_error(read, key):
    with pytest.raises(LayoutChanged, match=f"expected prices with {key}"):
        read((f'"{key}"', '"day"'))


def test_a_second_hyphen_before_the_context_is_no_part_of_the_model(open_page):
    price = {"input": 2.5, "output": 15, "from_date": None, "to_date": None}
    model = {"id": "heron-2--200k", "name": "Heron 2 >200k", "price_history": [price]}
    short = {"id": "heron-2", "name": "Heron 2 \u2264200k", "price_history": [price]}
    found = source.read(open_page(json.dumps({"vendor": "heron", "models": [short, model]})))
    assert {(p.model_label, p.tier) for p in found} == {("heron-2", None), ("heron-2", "context>200k")}


# --- real captures: every row against a reading of the same files with the json module alone ---


def read_again(path, captured_on):
    vendor = json.loads(path.read_text(), parse_float=Decimal)
    found = set()
    for model in vendor["models"]:
        if "(image gen)" in model["name"]:
            continue
        label, tier = model["id"], None
        if ">" in model["name"]:
            size = model["name"].partition(">")[2]
            label, tier = label.removesuffix(f"-{size}").rstrip("-"), f"context>{size}"
        for price in model["price_history"]:
            begins, ends = (price[k] and date.fromisoformat(price[k]) for k in ("from_date", "to_date"))
            seen = ends - timedelta(days=1) if ends and ends <= captured_on and not begins else None
            for kind, field in (("input", "input"), ("output", "output"), ("cached_input", "input_cached")):
                if price[field] is not None:
                    found.add((label, kind, tier, Decimal(price[field]), begins, seen, ends))
    return found


@pytest.mark.parametrize(("day", "n_files", "n_rows"), [("2025-10-31", 8, 179), ("2026-08-05", 11, 320)])
def test_every_row_of_the_captures_equals_the_files_to_the_last_decimal(captures, open_page, day, n_files, n_rows):
    paths = sorted((captures / "llm_prices" / day).glob("*.json"))
    total = 0
    for path in paths:
        found = list(source.read(open_page(path, day=day)))
        assert not reasons(found)
        rows = {
            (p.model_label, p.token_kind, p.tier, p.amount_original, p.effective_on, p.seen_on, p.ends_on)
            for p in found
        }
        assert rows == read_again(path, date.fromisoformat(day))
        assert len(found) == len(rows)
        total += len(found)
    assert (len(paths), total) == (n_files, n_rows)


def test_prices_of_the_captures_by_eye(captures, open_page):
    found = list(source.read(open_page(captures / "llm_prices" / "2026-08-05" / "openai.json", day="2026-08-05")))
    assert [row[1:] for row in brief(found) if row[0] == "gpt-5.6-terra" and row[1] == "input"] == [
        ("input", None, "2.5", None, date(2026, 7, 29), date(2026, 7, 30)),
        ("input", None, "2", date(2026, 7, 30), None, None),
        ("input", "context>272k", "5.0", None, date(2026, 7, 29), date(2026, 7, 30)),
        ("input", "context>272k", "4.0", date(2026, 7, 30), None, None),
    ]
    assert {p.provider_id for p in found} == {"openai"}
    claude = list(source.read(open_page(captures / "llm_prices" / "2026-08-05" / "anthropic.json", day="2026-08-05")))
    assert [row[3:] for row in brief(claude) if row[0] == "claude-sonnet-5"] == [
        ("2", None, None, date(2026, 9, 1)),
        ("10", None, None, date(2026, 9, 1)),
        ("3", date(2026, 9, 1), None, None),
        ("15", date(2026, 9, 1), None, None),
    ]
