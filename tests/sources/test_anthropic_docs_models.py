"""Anthropic's overview of models: columns of models on three layouts, names and prices in tables of their own, broken pages."""

import pytest

from flows.errors import LayoutChanged
from flows.records import ModelFact, Price, Rejected
from flows.sources.anthropic_docs_models import SOURCE, read


def facts(items):
    """Return name, context, is_reasoning by API name; nothing may be rejected, no model comes twice."""
    found = {}
    for item in items:
        assert not isinstance(item, Rejected), item.reason
        if isinstance(item, ModelFact):
            assert (item.model_id, item.organization_id) == (item.model_label, "anthropic")
            assert item.model_label not in found
            found[item.model_label] = (item.name, item.context_tokens, item.is_reasoning)
    return found


def prices(items):
    """Return input and output by API name."""
    table = {}
    for price in (item for item in items if isinstance(item, Price)):
        assert (price.provider_id, price.currency, price.unit_original) == ("anthropic", "USD", "per_mtok")
        if price.token_kind in ("input", "output"):
            cells = table.setdefault(price.model_label, {})
            assert price.token_kind not in cells
            cells[price.token_kind] = str(price.amount_original)
    return {label: (cells.get("input"), cells.get("output")) for label, cells in table.items()}


def reasons(items):
    return {item.model_label: item.reason for item in items if isinstance(item, Rejected)}


def test_each_column_of_both_tables_is_a_model_under_its_api_name(page_of):
    found = list(read(page_of("overview.md")))
    assert facts(found) == {
        "claude-sonnet-9-5-20310929": ("Claude Sonnet 9.5", 200_000, True),
        "claude-haiku-9-20311001": ("Claude Haiku 9", 200_000, False),
        "claude-opus-8-20290514": ("Claude Opus 8", 1_000_000, True),  # adaptive thinking is thinking
        "claude-7-haiku-20270307": ("Claude Haiku 7", 200_000, False),
    }
    assert prices(found) == {
        "claude-sonnet-9-5-20310929": ("3.10", "15.50"),
        "claude-haiku-9-20311001": ("1", "5"),
        "claude-opus-8-20290514": ("15", "75"),
        "claude-7-haiku-20270307": ("0.25", "1.25"),
    }


def test_what_has_no_field_of_its_own_is_in_the_notes(page_of):
    notes = {fact.model_label: fact.notes for fact in read(page_of("overview.md")) if isinstance(fact, ModelFact)}
    assert notes["claude-sonnet-9-5-20310929"] == (
        "alias claude-sonnet-9-5; context 1M tokens (beta); max output 64K tokens; training data cutoff Jul 2031"
    )
    assert notes["claude-opus-8-20290514"] == (
        "deprecated; alias claude-opus-8-0; max output 32K tokens / 128K tokens (beta); training data cutoff Mar 2029;"
        " retirement: Not sooner than May 14, 2032"
    )


def test_a_row_names_the_line_of_its_cell_and_its_column(page_of):
    found = list(read(page_of("overview.md")))
    assert found[0].row_locator == "line 10, table 1 row 2, column 'Claude Sonnet 9.5'"
    price = next(item for item in found if isinstance(item, Price))
    assert price.row_locator == "line 14, table 1 row 6, column 'Claude Sonnet 9.5'"


def test_names_and_prices_in_tables_of_their_own_come_under_the_api_names(page_of):
    found = list(read(page_of("names.md")))
    assert facts(found) == {
        "claude-opus-6-20250514": ("Claude Opus 6", 200_000, True),
        "claude-5-5-sonnet-20241022": ("Claude Sonnet 5.5", 200_000, False),
        "claude-5-5-sonnet-20240620": ("Claude Sonnet 5.5", 200_000, False),
        "claude-5-sonnet-20240229": ("Claude Sonnet 5", None, None),  # only named, not compared
    }
    assert prices(found) == {
        "claude-opus-6-20250514": ("15", "75"),
        "claude-5-5-sonnet-20241022": ("3", "15"),
        "claude-5-5-sonnet-20240620": ("3", "15"),
    }
    hour = [
        p for p in found if isinstance(p, Price) and p.tier == "cache_1h" and p.model_label == "claude-opus-6-20250514"
    ]
    assert [str(p.amount_original) for p in hour] == ["30"]


def test_the_first_layout_has_a_pair_of_amounts_whose_order_stands_in_the_row(page_of):
    found = list(read(page_of("first.html")))
    assert facts(found) == {
        "claude-5-opus-20240229": ("Claude 5 Opus", 200_000, None),
        "claude-4.1": ("Claude 4.1", 100_000, None),
    }
    assert prices(found) == {"claude-5-opus-20240229": ("15.00", "75.00"), "claude-4.1": ("8.00", "24.00")}


def test_a_pair_may_say_its_order_in_a_cell(page_of):
    page = page_of(
        "first.html",
        ("Cost (Input / Output per MTok^)", "Pricing"),
        ("$15.00 / $75.00", "$15/$75 per MTok (in/out)"),
        ("$8.00 / $24.00", "$8/$24 per MTok"),
    )
    assert prices(read(page)) == {"claude-5-opus-20240229": ("15", "75"), "claude-4.1": ("8", "24")}


@pytest.mark.parametrize(
    ("name", "changes", "label", "told"),
    [
        ("first.html", [("Cost (Input / Output per MTok^)", "Cost")], "Claude 5 Opus", "input and output per MTok"),
        ("first.html", [("$15.00 / $75.00", "$75.00 / $15.00")], "Claude 5 Opus", "input at most output"),
        ("overview.md", [(r"\$1 / input MTok<br/>\$5 / output MTok", r"\$1 / input MTok")], "Claude Haiku 9", "/ output MTok"),
        ("overview.md", [(r"\$1 / input MTok", r"from \$1 / input MTok")], "Claude Haiku 9", "/ output MTok"),
        ("overview.md", [("| claude-haiku-9-20311001 |", "| coming soon |")], "Claude Haiku 9", "an API name"),
        ("overview.md", [("| Feature | Claude Opus 8 (deprecated) | Claude Haiku 7 |", "| Feature | Claude Haiku 7 | Claude Opus 8 |")], "Claude Opus 8", "an API name of 'Claude Opus 8'"),
        ("overview.md", [("| 1M tokens | 200k tokens |", "| huge | 200k tokens |")], "Claude Opus 8", "tokens such as"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_of_one_model_is_rejected_and_the_others_are_read(page_of, name, changes, label, told):
    items = list(read(page_of(name, *changes)))
    found = reasons(items)
    assert label in found
    assert told in found[label]
    assert [item for item in items if isinstance(item, ModelFact)]


@pytest.mark.parametrize(("old", "new"), [("Claude API ID", "Codename"), ("| Claude ", "| Model ")])
def test_a_page_without_a_table_of_models_is_an_error(page_of, old, new):
    with pytest.raises(LayoutChanged, match="a row 'Claude API ID'"):
        list(read(page_of("overview.md", (old, new))))


def test_a_table_whose_columns_moved_against_its_header_is_an_error(page_of):
    with pytest.raises(LayoutChanged, match="a first column of features"):
        list(
            read(
                page_of(
                    "overview.md",
                    ("| Feature | Claude Sonnet 9.5 | Claude Haiku 9 |", "| Claude Sonnet 9.5 | Claude Haiku 9 |"),
                )
            )
        )


def test_two_rows_of_prices_are_an_error(page_of):
    row = r"| **Pricing**<sup>2</sup> | \$3.10 / input MTok<br/>\$15.50 / output MTok | \$1 / input MTok<br/>\$5 / output MTok |"
    with pytest.raises(LayoutChanged, match="one row"):
        list(read(page_of("overview.md", (row, f"{row}\n{row}"))))


def test_the_capture_of_november_2025_gives_what_stands_on_the_page(captures, open_page):
    page = open_page(captures / "anthropic_docs_models" / "2025-11-20" / "overview.md", SOURCE.urls[0], "2025-11-20")
    page.check_whole()
    found = list(read(page))
    assert facts(found) == {
        "claude-sonnet-4-5-20250929": ("Claude Sonnet 4.5", 200_000, True),
        "claude-haiku-4-5-20251001": ("Claude Haiku 4.5", 200_000, True),
        "claude-opus-4-1-20250805": ("Claude Opus 4.1", 200_000, True),
        "claude-sonnet-4-20250514": ("Claude Sonnet 4", 200_000, True),
        "claude-3-7-sonnet-20250219": ("Claude Sonnet 3.7", 200_000, True),
        "claude-opus-4-20250514": ("Claude Opus 4", 200_000, True),
        "claude-3-5-haiku-20241022": ("Claude Haiku 3.5", 200_000, False),
        "claude-3-haiku-20240307": ("Claude Haiku 3", 200_000, False),
    }
    assert prices(found) == {
        "claude-sonnet-4-5-20250929": ("3", "15"),
        "claude-haiku-4-5-20251001": ("1", "5"),
        "claude-opus-4-1-20250805": ("15", "75"),
        "claude-sonnet-4-20250514": ("3", "15"),
        "claude-3-7-sonnet-20250219": ("3", "15"),
        "claude-opus-4-20250514": ("15", "75"),
        "claude-3-5-haiku-20241022": ("0.80", "4"),
        "claude-3-haiku-20240307": ("0.25", "1.25"),
    }
    assert len(found) == 24


@pytest.mark.parametrize("context", ["200 thousand tokens", "0.2M tokens", "200K words"])
def test_a_context_in_words_that_are_not_known_is_rejected(page_of, context):
    found = reasons(read(page_of("overview.md", ("| 1M tokens | 200k tokens |", f"| {context} | 200k tokens |"))))
    assert f"expected tokens such as '200K tokens'; found '{context}'" in found["Claude Opus 8"]


def test_the_rows_of_context_and_output_exchanged_are_rejected(page_of):
    page = page_of(
        "overview.md", ("Context window", "X"), ("Max output", "Context window"), ("**X**", "**Max output**")
    )
    assert "expected at least the most output" in reasons(read(page))["Claude Haiku 9"]


@pytest.mark.parametrize("no", ["\u2717", "\u274c", "Not available", "None"])
def test_a_model_that_does_not_think_may_be_marked_otherwise(page_of, no):
    page = page_of("overview.md", ("extended-thinking)** | Yes | No |", f"extended-thinking)** | Yes | {no} |"))
    thinks = {fact.name: fact.is_reasoning for fact in read(page) if isinstance(fact, ModelFact)}
    assert (thinks["Claude Sonnet 9.5"], bool(thinks["Claude Haiku 9"])) == (True, False)
