"""Anthropic's documentation of prices: standard, cache writes by duration, batch, fast mode and long context."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources.anthropic_docs_pricing import SOURCE, read


def prices(items):
    """Return input, 5m write, 1h write, cache hit and output as text by (model, tier); nothing may be rejected."""
    table = {}
    for price in items:
        assert isinstance(price, Price), price.reason
        assert (price.provider_id, price.currency, price.unit_original) == ("anthropic", "USD", "per_mtok")
        is_hour = (price.tier or "").startswith("cache_1h")
        tier = (price.tier or "").removeprefix("cache_1h").removeprefix(", ") or None
        cells = table.setdefault((price.model_label, tier), {})
        kind = "cache_1h" if is_hour else price.token_kind
        assert kind not in cells
        cells[kind] = str(price.amount_original)
    kinds = ("input", "cache_write", "cache_1h", "cached_input", "output")
    return {key: tuple(cells.get(kind) for kind in kinds) for key, cells in table.items()}


def test_the_markdown_page_is_read_with_batch_and_long_context(page_of):
    assert prices(read(page_of("pricing.md"))) == {
        ("Claude Opus 9.1", None): ("20", "25", "40", "2", "90"),
        ("Claude Sonnet 9", None): ("4", "5", "8", "0.40", "16"),
        ("Claude Sonnet 9.2", None): ("4", "5", "8", "0.40", "16"),
        ("Claude Haiku 7", None): ("0.25", "0.30", "0.50", None, "1.25"),
        ("Claude Opus 9.1", "batch"): ("10", None, None, None, "45"),
        ("Claude Haiku 7", "batch"): ("0.125", None, None, None, "0.625"),
        ("Claude Sonnet 9", "context>200k"): ("8", None, None, None, "24"),
        ("Claude Sonnet 9.2", "context>200k"): ("8", None, None, None, "24"),
    }


def test_later_tables_name_several_models_in_a_row_and_split_models_by_context(page_of):
    table = prices(read(page_of("pricing_2026.md")))
    assert table["Claude Opus 9.5", None] == ("4", "5", "8", "0.20", "20")  # a footnote mark after the price
    assert table["Claude Opus 9.5", "fast"] == table["Claude Opus 9", "fast"] == ("8", None, None, None, "40")
    assert table["Claude Haiku 9.5", None] == ("0.10", "0.125", "0.20", "0.01", "0.50")
    assert table["Claude Haiku 9.5", "context>100k"] == ("0.50", "0.625", "1", "0.05", "2.50")
    assert table["Claude Opus 9", "context>200k"] == ("10", None, None, None, "37.50")
    assert table["Claude Sonnet 9", "context>200k"] == ("6", None, None, None, "22.50")
    assert table["Claude Sonnet 9.2", "context>200k"] == ("6", None, None, None, "22.50")
    assert sum(cell is not None for row in table.values() for cell in row) == 40


def test_the_rendered_page_with_one_duration_of_cache_writes_is_read(page_of):
    assert prices(read(page_of("pricing.html"))) == {
        ("Claude Sonnet 8.5", None): ("3", "3.75", None, "0.30", "15"),
        ("Claude Haiku 8", None): ("0.80", "1", None, "0.08", "4"),
        ("Claude Sonnet 8.5", "batch"): ("1.50", None, None, None, "7.50"),
        ("Claude Sonnet 8.5", "context>200k"): ("6", None, None, None, "22.50"),
    }


def test_deprecated_is_a_note_and_no_part_of_the_name(page_of):
    notes = {p.model_label: p.notes for p in read(page_of("pricing.md"))}
    assert notes["Claude Haiku 7"] == "deprecated"
    assert notes["Claude Opus 9.1"] is None


def test_a_column_may_stand_anywhere(page_of):
    lines = page_of("pricing.md").text.splitlines()
    moved = [
        "|" + "|".join(reversed(x.strip("|").split("|"))) + "|" if x.startswith("|") and x.count("|") == 7 else x
        for x in lines
    ]
    assert moved != lines
    page = page_of("pricing.md")
    again = type(page)("\n".join(moved).encode(), page.url, page.captured_at)
    assert prices(read(again)) == prices(read(page))


def test_a_price_in_euro_is_read_as_euro_and_per_thousand_keeps_its_unit(page_of):
    assert {p.currency for p in read(page_of("pricing_2026.md", ("$", "€")))} == {"EUR"}
    assert {p.unit_original for p in read(page_of("pricing_2026.md", ("/ MTok", "/ 1K tokens")))} == {"per_ktok"}


NIGHT = """### Batch processing

| Model                                                        | Batch input    | Batch output   |"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("| Model                                                        | Base", "| Name | Base", "models of the standard table"),
        ("Output Tokens |", "Result Tokens |", "price columns"),
        ("Base Input Tokens", "Base Prompt Tokens", "price columns"),
        ("Cache Hits & Refreshes", "Cache Storage", "price columns"),
        ("| Batch input    | Batch output   |", "| Night input    | Night output   |", "price columns"),
        ("| Batch input    | Batch output   |", "| Input          | Output         |", None),
        (NIGHT, NIGHT.replace("Batch", "Night").replace("Night input ", "Input ").replace("Night output ", "Output "), "a heading"),
        ("When using Claude Sonnet 9 or Sonnet 9.2 with", "With", "models of the standard table"),
        ("## Model pricing", "## Model pricing\n\nNothing here.\n\n| A | B |\n|---|---|\n| x | $3 / MTok |\n", "price columns"),
    ],
)  # fmt: skip
def test_a_page_that_changed_shape_is_an_error(page_of, old, new, expected):
    if expected is None:  # the heading alone tells the tier
        assert prices(read(page_of("pricing.md", (old, new))))["Claude Opus 9.1", "batch"][0] == "10"
        return
    with pytest.raises(LayoutChanged, match=expected):
        list(read(page_of("pricing.md", (old, new))))


@pytest.mark.parametrize(
    ("old", "new", "rejected"),
    [
        (" / MTok", "", 8),  # the unit is gone from every cell
        ("Base Input Tokens | 5m Cache Writes | 1h Cache Writes | Cache Hits & Refreshes | Output Tokens",
         "Output Tokens | 5m Cache Writes | 1h Cache Writes | Cache Hits & Refreshes | Base Input Tokens", 6),
        ("| Input: \\$4 / MTok   |", "| Input: \\$5 / MTok   |", 1),  # not the standard price
        ("| \\$20 / MTok       |", "| soon |", 1),
        ("| \\$20 / MTok       |", "| - |", 1),
        ("| \\$20 / MTok       |", "| £20 / MTok |", 1),
        ("| \\$20 / MTok       |", "| \\$20 / hour |", 1),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_read_are_rejected(page_of, old, new, rejected):
    page = page_of("pricing.md", (old, new))
    if rejected == 8:
        with pytest.raises(LayoutChanged, match="Base Input Tokens"):
            list(read(page))
        return
    found = list(read(page))
    assert sum(isinstance(r, Rejected) for r in found) == rejected


def added(page_of, text):
    """Return the prices of the page with some text before its section on long context, less those without it."""
    page, plain = (
        page_of("pricing.md", ("### Long context pricing", f"{text}\n\n### Long context pricing")),
        page_of("pricing.md"),
    )
    table, before = prices(read(page)), prices(read(plain))
    assert {key: row for key, row in table.items() if key in before} == before
    return {key: row for key, row in table.items() if key not in before}


BASE = "| Model | Base Input Tokens | Output Tokens |\n|---|---|---|\n| Claude Opus 9.1 | $22 / MTok | $99 / MTok |"
CACHED = "| Model | Input | 5m Cache Writes | 1h Cache Writes | Output |\n|---|---|---|---|---|\n| Claude Next 1 | $2 / MTok | $3 / MTok | $4 / MTok | $9 / MTok |"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"### Batch processing with caching\n\n{CACHED}", {("Claude Next 1", "batch"): ("2", "3", "4", None, "9")}),
        (f"### Batch processing\n\n#### New models\n\n{CACHED}", {("Claude Next 1", "batch"): ("2", "3", "4", None, "9")}),
        (f"### New models\n\n{CACHED}", {("Claude Next 1", None): ("2", "3", "4", None, "9")}),
        (f"### Data residency pricing\n\n{BASE}", {("Claude Opus 9.1", "us_only"): ("22", None, None, None, "99")}),
        (f"### AWS Bedrock regional pricing\n\n{BASE}", {}),
        (
            "### Fast mode pricing\n\nFast mode for Claude Opus 9.6 answers sooner.\n\n"
            "| ≤ 200K input tokens | > 200K input tokens |\n|---|---|\n"
            "| Input: $30 / MTok | Input: $60 / MTok |\n| Output: $150 / MTok | Output: $225 / MTok |",
            {
                ("Claude Opus 9.6", "fast"): ("30", None, None, None, "150"),
                ("Claude Opus 9.6", "fast, context>200k"): ("60", None, None, None, "225"),
            },
        ),
    ],
)  # fmt: skip
def test_headings_tell_the_tier_before_columns_do(page_of, text, expected):
    assert added(page_of, text) == expected


def test_cache_columns_without_a_unit_take_that_of_the_other_columns(open_page):
    text = "# Models\n\n## Model pricing\n\n| Model | Input (Per MTok) | Output (Per MTok) | Prompt Caching Write | Prompt Caching Read |\n|---|---|---|---|---|\n| Claude 9 | $15.00 | $75.00 | $18.75 | $1.50 |\n"
    assert prices(read(open_page(text))) == {("Claude 9", None): ("15.00", "18.75", None, "1.50", "75.00")}
    with pytest.raises(LayoutChanged, match="price columns"):
        list(read(open_page(text.replace("Prompt Caching Write", "Storage"))))
    found = list(
        read(
            open_page(
                text.replace("Input (Per MTok)", "Input (Per KTok)").replace(
                    "|\n| C", "|\n| Claude 8 | $1 / MTok | $2 / MTok | $1 / MTok | $1 / MTok |\n| C", 1
                )
            )
        )
    )
    assert [r.model_label for r in found if isinstance(r, Rejected)] == ["Claude 9"]  # two units: none for the cache


STANDARD = {
    "Claude Opus 4.1": ("15", "18.75", "30", "1.50", "75"),
    "Claude Opus 4": ("15", "18.75", "30", "1.50", "75"),
    "Claude Sonnet 4.5": ("3", "3.75", "6", "0.30", "15"),
    "Claude Sonnet 4": ("3", "3.75", "6", "0.30", "15"),
    "Claude Sonnet 3.7": ("3", "3.75", "6", "0.30", "15"),
    "Claude Haiku 4.5": ("1", "1.25", "2", "0.10", "5"),
    "Claude Haiku 3.5": ("0.80", "1", "1.6", "0.08", "4"),
    "Claude Opus 3": ("15", "18.75", "30", "1.50", "75"),
    "Claude Haiku 3": ("0.25", "0.30", "0.50", "0.03", "1.25"),
}
BATCH = {
    "Claude Opus 4.1": ("7.50", "37.50"),
    "Claude Opus 4": ("7.50", "37.50"),
    "Claude Sonnet 4.5": ("1.50", "7.50"),
    "Claude Sonnet 4": ("1.50", "7.50"),
    "Claude Sonnet 3.7": ("1.50", "7.50"),
    "Claude Haiku 4.5": ("0.50", "2.50"),
    "Claude Haiku 3.5": ("0.40", "2"),
    "Claude Opus 3": ("7.50", "37.50"),
    "Claude Haiku 3": ("0.125", "0.625"),
}


@pytest.mark.parametrize("day", ["2025-10-29", "2025-11-20"])
def test_the_real_pages_of_late_2025_hold_the_same_67_prices(captures, open_page, day):
    page = open_page(captures / "anthropic_docs_pricing" / day / "pricing.md")
    page.check_whole()
    found = list(read(page))
    assert len(found) == 67 >= SOURCE.min_rows
    long = ("6", None, None, None, "22.50")
    assert prices(found) == (
        {(model, None): row for model, row in STANDARD.items()}
        | {(model, "batch"): (row[0], None, None, None, row[1]) for model, row in BATCH.items()}
        | {("Claude Sonnet 4.5", "context>200k"): long, ("Claude Sonnet 4", "context>200k"): long}
    )
    assert {p.model_label for p in found if p.notes == "deprecated"} == {"Claude Sonnet 3.7", "Claude Opus 3"}
