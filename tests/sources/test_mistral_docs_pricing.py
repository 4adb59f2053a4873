"""Mistral's documentation of prices: euro alone, dollars beside euro, tables that price something else."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources.mistral_docs_pricing import SOURCE, read


def prices(items):
    """Return input and output as text with their currency, by model; nothing may be rejected."""
    table = {}
    for price in items:
        assert isinstance(price, Price), price.reason
        assert (price.provider_id, price.unit_original, price.tier) == ("mistral", "per_mtok", None)
        cells = table.setdefault(price.model_label, {})
        assert price.token_kind not in cells
        cells[price.token_kind] = f"{price.amount_original} {price.currency}"
    return {label: (cells["input"], cells["output"]) for label, cells in table.items()}


def test_prices_in_euro_are_read_as_euro_and_embeddings_are_left_out(page_of):
    assert prices(read(page_of("euro.md"))) == {
        "mistral-minute": ("0.15 EUR", "0.45 EUR"),
        "mistral-vast": ("3 EUR", "9.5 EUR"),
    }


def test_the_dollar_price_stands_for_the_offer_and_euro_only_where_there_is_no_other(page_of):
    page = page_of("dollars_and_euro.md")
    assert prices(read(page)) == {"Mistral 9B": ("0.35 USD", "0.4 USD"), "Mistral Vast": ("7 EUR", "21 EUR")}
    first = next(iter(read(page)))
    assert first.row_locator == "line 9, table 1 row 1, column 'Input (USD)'"
    assert first.notes == "endpoint open-mistral-9b"


def test_columns_may_stand_in_another_order(page_of):
    swapped = page_of("euro.md", ("| Model  | Input | Output |", "| Model  | Output | Input |"), (
        "| `mistral-minute` | 0.15€ / 1M tokens | 0.45€ / 1M tokens |",
        "| `mistral-minute` | 0.45€ / 1M tokens | 0.15€ / 1M tokens |",
    ), (
        "| `mistral-vast` | 3€ / 1M tokens | 9.5€ / 1M tokens |",
        "| `mistral-vast` | 9.5€ / 1M tokens | 3€ / 1M tokens |",
    ))  # fmt: skip
    assert prices(read(swapped)) == prices(read(page_of("euro.md")))


def test_the_unit_may_stand_over_the_column(page_of):
    page = page_of(
        "euro.md", (" / 1M tokens", ""), ("Input | Output |", "Input (per 1M tokens) | Output (per 1M tokens) |")
    )
    assert prices(read(page))["mistral-vast"] == ("3 EUR", "9.5 EUR")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("| Model  | Input | Output |", "| Name | Input | Output |", "price columns"),
        ("| Model  | Input | Output |", "| Model | Input | Answer |", "price columns"),
        ("| Model  | Input | Output |", "| Model | Input | Input |", "price columns"),
        ("€", "", "a table with columns"),
        ("## Pay", "## Tools\n\n| Tool | Price |\n|---|---|\n| Search | 3€ / 1M tokens |\n\n## Pay", "price columns"),
    ],
)
def test_a_page_that_changed_shape_is_an_error(page_of, old, new, expected):
    with pytest.raises(LayoutChanged, match=expected):
        list(read(page_of("euro.md", (old, new))))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("3€ / 1M tokens", "3€", "a price per tokens"),
        ("3€ / 1M tokens", "3€ / 1M characters", "an input and an output price"),
        ("3€ / 1M tokens", "3€ or 4€ / 1M tokens", "one amount"),
        ("3€ / 1M tokens", "£3 / 1M tokens", "US dollars, euro or yuan"),
        ("3€ / 1M tokens", "30€ / 1M tokens", "input at most output"),
        ("3€ / 1M tokens", "-", "an input and an output price"),
    ],
)
def test_a_row_that_cannot_be_told_is_rejected_and_the_others_are_read(page_of, old, new, reason):
    found = list(read(page_of("euro.md", (old, new))))
    (bad,) = [row for row in found if isinstance(row, Rejected)]
    assert reason in bad.reason
    assert bad.model_label == "mistral-vast"
    assert [row.model_label for row in found if isinstance(row, Price)] == ["mistral-minute"] * 2


def test_a_currency_that_contradicts_its_column_is_rejected(page_of):
    found = list(read(page_of("dollars_and_euro.md", ("0.35$", "0.35€"))))
    assert next(row.reason for row in found if isinstance(row, Rejected)).endswith(
        "expected a price in USD; found '0.35€ / 1M tokens'"
    )


@pytest.fixture
def capture(captures, open_page):
    def make(day):
        return prices(read(open_page(captures / SOURCE.id / day / "pricing.md", SOURCE.urls[0], day)))

    return make


def test_the_capture_of_3_january_2024_has_three_models_in_euro(capture):
    assert capture("2024-01-03") == {
        "mistral-tiny": ("0.14 EUR", "0.42 EUR"),
        "mistral-small": ("0.6 EUR", "1.8 EUR"),
        "mistral-medium": ("2.5 EUR", "7.5 EUR"),
    }


def test_the_capture_of_26_february_2024_has_five_models_in_dollars(capture):
    assert capture("2024-02-26") == {
        "Mistral 7B": ("0.25 USD", "0.25 USD"),
        "Mixtral 8x7B": ("0.7 USD", "0.7 USD"),
        "Mistral Small": ("2 USD", "6 USD"),
        "Mistral Medium": ("2.7 USD", "8.1 USD"),
        "Mistral Large": ("8 USD", "24 USD"),
    }
