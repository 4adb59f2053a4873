"""The hand-kept prices, speeds, successions, providers and exchange rates hold together."""

import csv
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[1] / "warehouse" / "reference"
PER_MTOK = {"per_mtok": 1, "per_ktok": 1_000, "per_token": 1_000_000}
TIER = re.compile(r"batch|flex|priority|context>\d+k")
FILES = {
    "providers": ["provider_id", "name", "organization_id", "source_url"],
    "prices": [
        "model_label", "provider_id", "token_kind", "amount_original", "currency", "unit_original",
        "tier", "effective_on", "seen_on", "ends_on", "is_estimate", "notes", "source_url",
    ],
    "speeds": [
        "model_label", "provider_id", "tokens_per_second", "tokens_per_second_low", "tokens_per_second_high",
        "ttft_seconds", "region", "prompt_tokens", "statistic", "measured_on", "is_estimate", "notes", "source_url",
    ],
    "successions": ["model_id", "predecessor_id", "kind", "source_url"],
    "fx_rates": ["currency", "valid_on", "usd_per_unit", "source_url"],
}  # fmt: skip
KEYS = {
    "providers": ["provider_id"],
    "prices": ["model_label", "provider_id", "token_kind", "tier", "effective_on", "seen_on"],
    "speeds": ["model_label", "provider_id", "statistic", "region", "measured_on"],
    "successions": ["model_id", "predecessor_id", "kind"],
    "fx_rates": ["currency", "valid_on"],
}
RETIREMENTS = {
    "claude-1.3": "2024-11-06",
    "claude-2.1": "2025-07-21",
    "claude-3-sonnet-20240229": "2025-07-21",
    "claude-3-5-sonnet-20240620": "2025-10-28",
    "claude-3-5-sonnet-20241022": "2025-10-28",
    "claude-3-opus-20240229": "2026-01-05",
    "claude-3-7-sonnet-20250219": "2026-02-19",
    "claude-3-haiku-20240307": "2026-04-20",
    "claude-opus-4-20250514": "2026-06-15",
    "gpt-3": "2024-01-04",
    "text-davinci-003": "2024-01-04",
    "gpt-3.5-turbo-0301": "2024-09-13",
    "gpt-3.5-turbo-16k-0613": "2024-09-13",
    "gpt-4-32k": "2025-06-06",
    "gpt-4.5-preview-2025-02-27": "2025-07-14",
    "o1-preview": "2025-07-28",
    "o1-mini": "2025-10-27",
    "gpt-4-0314": "2026-03-26",
    "gpt-4o-2024-05-13": "2026-10-23",
    "gemini-1.0-pro": "2025-02-15",
    "gemini-1.5-pro-may-2024": "2025-05-24",
    "gemini-1.5-pro-002": "2025-09-24",
    "gemini-2.0-flash": "2026-06-01",
    "mistral-large-2402": "2025-06-16",
    "mistral-large-2407": "2025-03-30",
    "mixtral-8x7b-instruct-v0.1": "2025-03-30",
    "grok-4": "2026-05-15",
}
STILL_SOLD = ("claude-haiku-4-5-20251001", "gpt-4o-mini-2024-07-18", "gpt-5-2025-08-07", "mistral-large-2512")
MINIMUM = {"providers": 15, "prices": 400, "speeds": 120, "successions": 113, "fx_rates": 20}


def rows_of(name: str) -> list[dict[str, str]]:
    """Read a reference table."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def twice(keys: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """List the keys that occur more than once."""
    return [key for key, count in Counter(keys).items() if count > 1]


def day_of(row: dict[str, str]) -> str:
    """Say from which day a price counts: its first, else one on which it was already valid."""
    return row["effective_on"] or row["seen_on"]


def sold_by_its_maker(model: str) -> list[dict[str, str]]:
    """Find the prices of a model at its own organization."""
    owner = {row["model_id"]: row["organization_id"] for row in rows_of("models")}[model]
    sellers = {row["provider_id"] for row in rows_of("providers") if row["organization_id"] == owner}
    return [row for row in rows_of("prices") if row["model_label"] == model and row["provider_id"] in sellers]


def usd_per_mtok(row: dict[str, str]) -> Decimal:
    """Convert a price row to US dollars per million tokens, at the newest rate up to its day."""
    rate = Decimal(1)
    if row["currency"] != "USD":
        rates = [
            fx for fx in rows_of("fx_rates") if fx["currency"] == row["currency"] and fx["valid_on"] <= day_of(row)
        ]
        rate = Decimal(max(rates, key=lambda fx: fx["valid_on"])["usd_per_unit"])
    return Decimal(row["amount_original"]) * PER_MTOK[row["unit_original"]] * rate


def first_own_price(model: str, kind: str) -> Decimal:
    """Find the first standard price of a model at its own organization."""
    prices = [row for row in sold_by_its_maker(model) if (row["token_kind"], row["tier"]) == (kind, "")]
    return usd_per_mtok(min(prices, key=day_of))


@pytest.mark.parametrize("name", FILES)
def test_a_table_has_its_columns_a_source_for_every_row_and_enough_rows(name):
    rows = rows_of(name)
    assert list(rows[0]) == FILES[name]
    assert [row for row in rows if not row["source_url"].startswith(("http://", "https://"))] == []
    assert [row for row in rows if None in row or None in row.values()] == []
    assert len(rows) >= MINIMUM[name]


@pytest.mark.parametrize("name", KEYS)
def test_no_key_occurs_twice(name):
    assert twice([tuple(row[column] for column in KEYS[name]) for row in rows_of(name)]) == []


def test_at_least_400_prices_carry_the_day_they_became_valid():
    assert sum(1 for row in rows_of("prices") if row["effective_on"]) >= 400


@pytest.mark.parametrize("name", ["prices", "speeds"])
def test_every_row_names_a_registered_model_and_provider(name):
    models = {row["model_id"] for row in rows_of("models")}
    providers = {row["provider_id"] for row in rows_of("providers")}
    assert {row["model_label"] for row in rows_of(name)} - models == set()
    assert {row["provider_id"] for row in rows_of(name)} - providers == set()


def test_every_provider_of_an_organization_names_a_registered_one():
    organizations = {row["organization_id"] for row in rows_of("organizations")}
    assert {row["organization_id"] for row in rows_of("providers") if row["organization_id"]} - organizations == set()


def test_days_are_real_days_between_2020_and_today():
    days = [row[end] for row in rows_of("prices") for end in ("effective_on", "seen_on", "ends_on") if row[end]]
    days += [row["measured_on"] for row in rows_of("speeds")]
    days += [row["valid_on"] for row in rows_of("fx_rates")]
    assert [
        day for day in days if not "2020-06-01" <= date.fromisoformat(day).isoformat() <= date.today().isoformat()
    ] == []


def test_words_of_fixed_lists_are_known_ones():
    prices = rows_of("prices")
    assert {row["token_kind"] for row in prices} <= {"input", "output", "cached_input", "cache_write", "blended"}
    assert {row["currency"] for row in prices} <= {"USD", "EUR", "CNY"}
    assert {row["unit_original"] for row in prices} <= set(PER_MTOK)
    assert [row["tier"] for row in prices if row["tier"] and not TIER.fullmatch(row["tier"])] == []
    assert {row["statistic"] for row in rows_of("speeds")} <= {"median", "mean", "single"}
    assert {row["kind"] for row in rows_of("successions")} == {"line", "flagship", "article"}
    assert {row["is_estimate"] for row in prices + rows_of("speeds")} <= {"true", "false"}


def test_no_price_is_older_than_its_model():
    released = {row["model_id"]: row["released_on"] for row in rows_of("models")}
    assert [row for row in rows_of("prices") if day_of(row) < released[row["model_label"]]] == []


def test_a_price_has_its_first_day_or_a_day_it_was_seen_and_never_both():
    assert [row for row in rows_of("prices") if bool(row["effective_on"]) == bool(row["seen_on"])] == []


def test_a_price_without_its_first_day_says_so():
    assert [row for row in rows_of("prices") if row["seen_on"] and "first day not known" not in row["notes"]] == []
    assert [row for row in rows_of("prices") if row["effective_on"] and "day not known" in row["notes"]] == []


def test_prices_stand_in_order_so_that_changes_show():
    kinds = ("input", "output", "cached_input", "cache_write", "blended")
    keys = [
        (row["model_label"], row["provider_id"], row["tier"], day_of(row), kinds.index(row["token_kind"]))
        for row in rows_of("prices")
    ]
    assert keys == sorted(set(keys))


def test_a_price_that_ended_began_before_and_says_where_that_stands():
    for row in rows_of("prices"):
        if row["ends_on"]:
            assert day_of(row) < row["ends_on"], row
        assert re.findall(r"retired (\d{4}-\d\d-\d\d)(?:, [^:]+)?: https://", row["notes"]) == (
            [row["ends_on"]] if row["ends_on"] else []
        ), row


def test_all_prices_of_a_model_at_a_provider_end_on_one_day():
    ends = {(row["model_label"], row["provider_id"], row["ends_on"]) for row in rows_of("prices")}
    assert twice([key[:2] for key in ends]) == []


@pytest.mark.parametrize(("model", "day"), RETIREMENTS.items())
def test_a_retired_model_is_no_longer_sold_by_its_maker(model, day):
    assert {row["ends_on"] for row in sold_by_its_maker(model)} == {day}


@pytest.mark.parametrize("model", STILL_SOLD)
def test_a_model_on_sale_has_no_last_day(model):
    assert {row["ends_on"] for row in sold_by_its_maker(model)} == {""}


def test_prices_lie_in_a_plausible_range():
    assert [row for row in rows_of("prices") if not Decimal("0.001") <= usd_per_mtok(row) <= 1000] == []


def test_output_never_costs_less_than_input_and_cached_input_never_more():
    table = {tuple(row[column] for column in KEYS["prices"]): usd_per_mtok(row) for row in rows_of("prices")}
    pairs = [(model, seller, *days) for model, seller, kind, *days in table if kind == "input"]
    for model, seller, *days in pairs:
        price = table[model, seller, "input", *days]
        assert table[model, seller, "output", *days] >= price
        assert table.get((model, seller, "cached_input", *days), price) <= price


def test_batch_is_half_of_the_standard_price_of_the_day():
    prices = [row for row in rows_of("prices") if row["token_kind"] in ("input", "output")]
    for batch in (row for row in prices if row["tier"] == "batch"):
        standard = [
            row
            for row in prices
            if row["tier"] == ""
            and all(row[column] == batch[column] for column in ("model_label", "provider_id", "token_kind"))
            and day_of(row) <= day_of(batch)
        ]
        latest = max(standard, key=day_of)
        times = 1 if batch["model_label"] == "gpt-3.5-turbo-1106" else 2  # OpenAI's page gives it no discount
        assert usd_per_mtok(batch) * times == usd_per_mtok(latest), batch


def test_a_price_in_euro_or_yuan_has_an_exchange_rate_of_the_months_before():
    for row in rows_of("prices"):
        if row["currency"] != "USD":
            days = [fx["valid_on"] for fx in rows_of("fx_rates") if fx["currency"] == row["currency"]]
            newest = max(day for day in days if day <= day_of(row))
            assert (date.fromisoformat(day_of(row)) - date.fromisoformat(newest)).days <= 190


def test_exchange_rates_lie_in_a_plausible_range():
    low_high = {"EUR": (Decimal("0.9"), Decimal("1.3")), "CNY": (Decimal("0.12"), Decimal("0.17"))}
    for row in rows_of("fx_rates"):
        low, high = low_high[row["currency"]]
        assert low <= Decimal(row["usd_per_unit"]) <= high


def test_a_speed_is_a_figure_or_a_range_and_plausible():
    for row in rows_of("speeds"):
        speed, low, high = (row[f"tokens_per_second{end}"] for end in ("", "_low", "_high"))
        assert speed or (low and high), row
        assert all(1 <= Decimal(figure) <= 3000 for figure in (speed, low, high) if figure), row
        assert not (low and high) or Decimal(low) <= Decimal(high)
        assert not row["ttft_seconds"] or 0 < Decimal(row["ttft_seconds"]) <= 60


def test_no_provider_shows_one_and_the_same_speed_and_latency_for_two_models():
    figures = ("source_url", "provider_id", "tokens_per_second", "ttft_seconds")
    shown = {(row["model_label"], *(row[name] for name in figures)) for row in rows_of("speeds") if row["ttft_seconds"]}
    assert twice([key[1:] for key in shown]) == []


def test_a_successor_is_released_after_its_predecessor():
    released = {row["model_id"]: row["released_on"] for row in rows_of("models")}
    for row in rows_of("successions"):
        assert released[row["predecessor_id"]] < released[row["model_id"]], row


def test_a_model_has_one_predecessor_of_a_kind():
    assert twice([(row["model_id"], row["kind"]) for row in rows_of("successions")]) == []


def test_line_and_flagship_successions_number_110_and_the_article_has_its_three_pairs():
    successions = rows_of("successions")
    assert sum(1 for row in successions if row["kind"] in ("line", "flagship")) >= 110
    assert {(row["model_id"], row["predecessor_id"]) for row in successions if row["kind"] == "article"} == {
        ("claude-3-5-sonnet-20240620", "claude-3-sonnet-20240229"),
        ("gpt-3.5-turbo-0125", "gpt-3.5-turbo-16k-0613"),
        ("gpt-4o-2024-05-13", "gpt-4-32k"),
    }


@pytest.mark.parametrize(
    ("predecessor", "kind"), [("gpt-4-32k", "article"), ("gpt-4-turbo-2024-04-09", "flagship"), ("gpt-4-0314", "line")]
)
def test_gpt_4o_can_be_set_against_each_gpt_4(predecessor, kind):
    pairs = {(row["model_id"], row["predecessor_id"], row["kind"]) for row in rows_of("successions")}
    assert ("gpt-4o-2024-05-13", predecessor, kind) in pairs


@pytest.mark.parametrize(
    ("model", "price_in", "price_out"),
    [
        ("claude-3-sonnet-20240229", "3", "15"),
        ("claude-3-5-sonnet-20240620", "3", "15"),
        ("gpt-3.5-turbo-16k-0613", "3", "4"),
        ("gpt-3.5-turbo-0125", "0.5", "1.5"),
        ("gpt-4-32k", "60", "120"),
        ("gpt-4o-2024-05-13", "5", "15"),
        ("gpt-4-0314", "30", "60"),
    ],
)
def test_the_first_own_prices_are_the_article_s(model, price_in, price_out):
    assert first_own_price(model, "input") == Decimal(price_in)
    assert first_own_price(model, "output") == Decimal(price_out)


@pytest.mark.parametrize(
    ("model", "speed", "low", "high", "is_estimate"),
    [
        ("claude-3-sonnet-20240229", "63", "", "", "false"),
        ("claude-3-5-sonnet-20240620", "79", "", "", "false"),
        ("gpt-3.5-turbo-16k-0613", "", "40", "50", "true"),
        ("gpt-3.5-turbo-0125", "83", "", "", "false"),
        ("gpt-4-32k", "22", "", "", "true"),
        ("gpt-4o-2024-05-13", "83", "", "", "false"),
    ],
)
def test_the_median_speeds_are_the_article_s(model, speed, low, high, is_estimate):
    (row,) = [
        row
        for row in rows_of("speeds")
        if row["model_label"] == model
        and row["statistic"] == "median"
        and row["provider_id"] in ("anthropic", "openai")
    ]
    assert (row["tokens_per_second"], row["tokens_per_second_low"], row["tokens_per_second_high"]) == (speed, low, high)
    assert row["is_estimate"] == is_estimate


@pytest.mark.parametrize(
    ("model", "provider", "days"),
    [
        ("gpt-3", "openai", 2),
        ("o3-2025-04-16", "openai", 2),
        ("claude-1.3", "anthropic", 2),
        ("claude-2", "anthropic", 2),
        ("claude-3-5-haiku-20241022", "anthropic", 2),
        ("gemini-1.5-pro-may-2024", "google", 2),
        ("mistral-medium-2312", "mistral", 2),
        ("deepseek-v3", "deepseek", 2),
    ],
)
def test_a_known_price_change_has_both_its_prices(model, provider, days):
    found = {
        day_of(row)
        for row in rows_of("prices")
        if (row["model_label"], row["provider_id"], row["token_kind"], row["tier"]) == (model, provider, "input", "")
    }
    assert len(found) == days
