"""Google's price page of the Gemini API: reader-service markdown, rendered HTML, an early page, broken ones, the real capture."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources.google_pricing_markdown import SOURCE, read


def prices(items):
    """Return input, cached input and output as text by (model, tier); nothing may be rejected, and no price comes twice."""
    table = {}
    for price in items:
        assert isinstance(price, Price), price.reason
        assert (price.provider_id, price.currency, price.unit_original) == ("google", "USD", "per_mtok")
        cells = table.setdefault((price.model_label, price.tier), {})
        kind = price.token_kind if price.effective_on is None else f"{price.token_kind} later"
        assert kind not in cells
        cells[kind] = str(price.amount_original)
    kinds = ("input", "cached_input", "output")
    return {key: tuple(cells.get(kind) for kind in kinds) for key, cells in table.items()}


def reasons(items):
    return {(row.model_label, row.row_locator): row.reason for row in items if isinstance(row, Rejected)}


def test_the_tabs_of_a_reader_services_page_name_the_tables_in_order(page_of):
    table = prices(read(page_of("reader.md")))
    assert table["gemini-9-pro-preview", None] == ("2.10", "0.21", "12.60")
    assert table["gemini-9-pro-preview", "context>200k"] == ("4.20", "0.42", "18.90")
    assert table["gemini-9-pro-preview", "batch"] == ("1.05", "0.21", "6.30")
    assert table["gemini-9-pro-preview", "batch, context>200k"] == ("2.10", "0.42", "9.45")
    assert table["gemini-9-flash", None] == ("0.33", "0.033", "2.75")
    assert table["gemini-9-flash", "flex"] == ("0.165", None, "1.375")
    assert table["gemini-9-flash", "priority"] == ("0.594", None, "4.95")


def test_a_price_holds_for_every_api_name_under_the_heading(page_of):
    table = prices(read(page_of("reader.md")))
    tools = {tier: cells for (label, tier), cells in table.items() if label == "gemini-9-pro-preview-tools"}
    assert tools == {tier: cells for (label, tier), cells in table.items() if label == "gemini-9-pro-preview"}


def test_audio_images_storage_and_prices_by_the_minute_are_no_text_tokens(page_of):
    assert prices(read(page_of("reader.md")))["gemini-9-flash-live-preview", None] == ("0.75", None, "4.50")
    amounts = {str(price.amount_original) for price in read(page_of("reader.md"))}
    assert not amounts & {"1.10", "0.11", "3.00", "12.00", "0.005", "1.00", "0.039", "60.00", "9.99", "14"}


def test_models_that_draw_or_embed_tools_and_what_is_only_free_to_try_have_no_rows(page_of):
    labels = {price.model_label for price in read(page_of("reader.md"))}
    assert labels == {
        "gemini-9-pro-preview", "gemini-9-pro-preview-tools", "gemini-9-flash", "gemini-9-flash-live-preview", "Gemma 9 Nano"
    }  # fmt: skip


def test_a_model_free_of_charge_in_the_paid_tier_costs_zero_and_says_why(page_of):
    free = [price for price in read(page_of("reader.md")) if price.model_label == "Gemma 9 Nano"]
    assert [(p.token_kind, p.amount_original, p.notes) for p in free] == [
        ("input", 0, "free of charge in the paid tier"),
        ("output", 0, "free of charge in the paid tier"),
    ]


def test_a_price_names_its_line_and_keeps_what_the_cell_says_of_it(page_of):
    found = [p for p in read(page_of("reader.md")) if p.model_label == "gemini-9-pro-preview"]
    assert found[0].row_locator == "line 33, table 1 row 1"
    assert [p.notes for p in found if p.tier == "batch" and p.token_kind == "cached_input"] == [
        "Same as Standard, Batch pricing not yet implemented"
    ]


def test_the_rendered_page_has_headings_for_tiers_and_prices_with_days(page_of):
    found = list(read(page_of("pricing.html")))
    assert [
        (p.token_kind, str(p.amount_original), str(p.effective_on), str(p.ends_on))
        for p in found
        if p.model_label == "gemini-9.8-flash" and p.tier is None
    ] == [
        ("input", "0.80", "None", "2027-01-01"),
        ("input", "1.60", "2027-01-01", "None"),
        ("output", "4.00", "None", "2027-01-01"),
        ("output", "8.00", "2027-01-01", "None"),
        ("cached_input", "0.08", "None", "2027-01-01"),
        ("cached_input", "0.16", "2027-01-01", "None"),
    ]
    table = prices(found)
    assert table["gemini-9.8-flash", "batch"] == ("0.40", None, "2.00")
    assert table["gemini-9.1-pro", None] == ("1.30", None, "10.40")
    assert table["gemini-9.1-pro", "context>200k"] == ("2.60", None, "15.60")
    assert {label for label, _ in table} == {"gemini-9.8-flash", "gemini-9.1-pro"}


def test_a_page_without_api_names_goes_by_headings_and_tells_thinking_apart(page_of):
    found = list(read(page_of("early.md")))
    assert prices(found) == {
        ("Gemini 7.5 Flash Preview", None): ("0.16", "0.04", "0.62"),
        ("Gemini 7.5 Flash Preview", "thinking"): (None, None, "3.60"),
        ("Gemini 6.5 Flash", None): ("0.08", "0.02", "0.32"),
        ("Gemini 6.5 Flash", "context>128k"): ("0.16", "0.04", "0.64"),
    }
    assert [p.notes for p in found if p.amount_original == p.amount_original.__class__("0.62")] == ["without thinking"]


def test_markdown_with_headings_for_tiers_and_linked_names_is_read_alike(page_of):
    tabs = (
        "[Standard](https://ai.google.dev/gemini-api/docs/pricing#standard)"
        "[Batch](https://ai.google.dev/gemini-api/docs/pricing#batch)More\n"
    )
    page = page_of(
        "reader.md",
        (tabs, "### Standard\n"),
        ("| Used to improve our products | [Yes](https://ai.google.dev/gemini-api/terms) | [No](https://ai.google.dev/gemini-api/terms) |\n", "\n### Batch\n"),
        ("_`gemini-9-pro-preview` and `gemini-9-pro-preview-tools`_", "*[`gemini-9-pro-preview`](https://example.org/model)*"),
    )  # fmt: skip
    table = prices(read(page))
    assert table["gemini-9-pro-preview", None] == ("2.10", "0.21", "12.60")
    assert table["gemini-9-pro-preview", "batch"] == ("1.05", "0.21", "6.30")
    assert ("gemini-9-pro-preview-tools", None) not in table


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("[Batch](https://ai.google.dev/gemini-api/docs/pricing#batch)", "")], "one service tier for each table"),
        ([("[Batch](https://ai.google.dev", "[Turbo](https://ai.google.dev")], "one service tier for each table"),
        ([("prompts > 200k tokens |\n| Output", "on weekends |\n| Output")], "the length of prompts"),
        ([("Context caching price", "Reasoning price")], "or another that is known"),
        (
            [("prompts <= 200k tokens $4.20, prompts > 200k", "prompts > 200k tokens $4.20, prompts <= 200k")],
            "at least",
        ),
        ([("$12.60, prompts <= 200k", "$1.60, prompts <= 200k")], "input at most output"),
        (
            [("$2.10, prompts <= 200k tokens $4.20, prompts > 200k tokens", "$2.10 $4.20")],
            "each price of text tokens once",
        ),
        ([("$2.10, prompts <= 200k tokens $4.20, prompts > 200k tokens", "contact sales")], "a price such as"),
        ([("$2.10, prompts <= 200k tokens $4.20", "\u20ac2.10, prompts <= 200k tokens \u20ac4.20")], "a price such as"),
    ],
)
def test_what_cannot_be_told_of_one_model_is_rejected_and_the_others_are_read(page_of, changes, told):
    items = list(read(page_of("reader.md", *changes)))
    found = reasons(items)
    assert found
    assert all(label.startswith("gemini-9-pro") or "flash" in label for label, _ in found)
    assert all(told in reason for reason in found.values())
    assert "Gemma 9 Nano" in {p.model_label for p in items if isinstance(p, Price)}


def test_a_table_whose_unit_is_not_told_gives_no_price(page_of):
    items = list(read(page_of("early.md", (", per 1M tokens in USD", ""))))
    assert not [item for item in items if isinstance(item, Price) and item.amount_original]
    assert all("the unit in the cell or over the table" in reason for reason in reasons(items).values())


@pytest.mark.parametrize("old", ["Paid Tier, per 1M tokens in USD", "## Gemini"])
def test_a_page_without_the_paid_column_or_without_tables_is_an_error(page_of, open_page, old):
    text = page_of("early.md").text
    broken = text.replace(old, "Price") if old.startswith("Paid") else text[: text.index(old)]
    with pytest.raises(LayoutChanged, match="a column 'Paid Tier, per 1M tokens in USD'"):
        list(read(open_page(broken)))


def test_a_page_cut_within_a_table_is_an_error(page_of, open_page):
    text = page_of("pricing.html").text
    with pytest.raises(LayoutChanged):
        open_page(text[: text.index("Veo 9</h2>") - 400]).check_whole()


def test_the_capture_of_may_2026_gives_what_stands_on_the_page(captures, open_page):
    page = open_page(captures / "google_pricing_markdown" / "2026-05-08" / "pricing.md", SOURCE.urls[0], "2026-05-08")
    page.check_whole()
    found = list(read(page))
    table = prices(found)
    assert len(found) == 160
    assert {label for label, _ in table} == {
        "gemini-3.1-flash-lite", "gemini-3.1-pro-preview", "gemini-3.1-pro-preview-customtools",
        "gemini-3.1-flash-lite-preview", "gemini-3.1-flash-live-preview", "gemini-3-flash-preview", "gemini-2.5-pro",
        "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-flash-lite-preview-09-2025",
        "gemini-2.5-flash-native-audio-preview-12-2025", "gemini-2.0-flash", "gemini-2.0-flash-lite",
        "gemini-robotics-er-1.6-preview", "gemini-2.5-computer-use-preview-10-2025",
    }  # fmt: skip
    assert table["gemini-3.1-flash-lite", None] == ("0.25", "0.025", "1.50")
    assert table["gemini-3.1-flash-lite", "priority"] == ("0.45", "0.045", "2.70")
    assert table["gemini-3.1-pro-preview", "flex, context>200k"] == ("2.00", "0.40", "9.00")
    assert table["gemini-3.1-flash-live-preview", None] == ("0.75", None, "4.50")
    assert table["gemini-3-flash-preview", "batch"] == ("0.25", "0.05", "1.50")
    assert table["gemini-2.5-pro", None] == ("1.25", "0.125", "10.00")
    assert table["gemini-2.5-pro", "priority, context>200k"] == ("4.50", "0.45", "27.00")
    assert table["gemini-2.5-flash", None] == ("0.30", "0.03", "2.50")
    assert table["gemini-2.5-flash-lite", "flex"] == ("0.05", "0.01", "0.20")
    assert table["gemini-2.0-flash", None] == ("0.10", "0.025", "0.40")
    assert table["gemini-2.0-flash-lite", "batch"] == ("0.0375", None, "0.15")
    assert table["gemini-2.5-computer-use-preview-10-2025", "context>200k"] == ("2.50", None, "15.00")


def test_free_and_paid_tier_exchanged_give_no_price_of_zero(page_of):
    heads = ("Free Tier | Paid Tier, per 1M tokens in USD", "Paid Tier, per 1M tokens in USD | Free Tier")
    items = list(read(page_of("reader.md", heads)))
    assert {item.model_label for item in items if isinstance(item, Price)} == {"Gemma 9", "Gemma 9 Nano"}  # no amounts
    assert any("no amount in the column of the free tier" in reason for reason in reasons(items).values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("|  | Free Tier | Paid Tier, per 1M tokens in USD |", "| Free of charge | Free Tier | Paid Tier, per 1M tokens in USD |"),
        ("|  | Free Tier | Paid Tier, per 1M tokens in USD |\n| --- | --- | --- |\n| Input price | Not available |",
         "|  | Batch price | Paid Tier, per 1M tokens in USD |\n| --- | --- | --- |\n| Input price | $0.10 |"),
    ],
)  # fmt: skip
def test_a_table_without_labels_or_with_prices_under_another_heading_is_an_error(page_of, old, new):
    with pytest.raises(LayoutChanged, match="a column of labels beside the tiers"):
        list(read(page_of("reader.md", (old, new))))
