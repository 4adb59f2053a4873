"""OpenAI's price pages: the tabs of 2026, the platform's page of 2025, the API page of 2023 to 2025."""

from decimal import Decimal

import pytest

from flows.errors import BlockedPage, LayoutChanged
from flows.records import Price, Rejected
from flows.sources.openai_pricing import SOURCE, read


def prices(items):
    """Return amounts by (model, kind, tier); nothing may be rejected and no key come twice."""
    found = list(items)
    assert [item.reason for item in found if isinstance(item, Rejected)] == []
    assert all(isinstance(item, Price) and item.provider_id == "openai" for item in found)
    table = {(p.model_label, p.token_kind, p.tier): p.amount_original for p in found}
    assert len(table) == len(found)
    return table


def of(table, model, tier=None):
    """Return input, cached input, cache write and output of a model in a tier."""
    kinds = ("input", "cached_input", "cache_write", "output")
    return tuple(None if (a := table.get((model, kind, tier))) is None else str(a.normalize()) for kind in kinds)


@pytest.mark.parametrize(
    ("tier", "short", "long"),
    [
        (None, ("8", "0.8", "1E+1", "4E+1"), ("16", "1.6", "2E+1", "6E+1")),
        ("batch", ("4", "0.4", "5", "2E+1"), ("8", "0.8", "1E+1", "3E+1")),
        ("flex", ("4", "0.4", "5", "2E+1"), ("8", "0.8", "1E+1", "3E+1")),
        ("priority", ("16", "1.6", "2E+1", "8E+1"), ("32", "3.2", "4E+1", "1.2E+2")),
    ],
)
def test_each_tab_is_a_tier_with_short_and_long_context(page_of, tier, short, long):
    table = prices(read(page_of("developers.html")))
    assert of(table, "gpt-9-alpha", tier) == short
    assert of(table, "gpt-9-alpha", f"{tier}, context>272k" if tier else "context>272k") == long


def test_rows_behind_the_all_models_button_are_read_from_the_payload(page_of):
    found = {(p.model_label, p.token_kind, p.tier): p for p in read(page_of("developers.html"))}
    price = found["gpt-8", "input", "batch"]
    assert (price.amount_original, price.currency, price.unit_original) == (Decimal("2.0"), "USD", "per_mtok")
    assert price.notes == "<272K context length"
    assert price.row_locator.endswith("table 2 row 3 of the rows not shown")
    assert found["gpt-4z", "output", None].amount_original == Decimal("9")  # a row without a value for cache writes
    assert ("gpt-4z", "cached_input", None) not in found
    assert found["gpt-8-cyber", "output", None].amount_original == Decimal("90")


def test_a_model_listed_twice_at_the_same_prices_is_read_once(page_of):
    found = [p for p in read(page_of("developers.html")) if (p.model_label, p.tier) == ("gpt-9-alpha", None)]
    assert len(found) == 4
    assert {p.row_locator for p in found} == {found[0].row_locator}


def test_a_model_listed_twice_at_different_prices_is_rejected_in_both_places(page_of):
    page = page_of(
        "developers.html",
        ("<td><span>$40.00</span></td><td><span>$16.00</span>", "<td><span>$41.00</span></td><td><span>$16.00</span>"),
    )
    text = page.text.replace("$41.00", "$40.00", 1).replace(
        "[0, 8], [0, 0.8], [0, 10], [0, 40], [0, 16]", "[0, 8], [0, 0.8], [0, 10], [0, 41], [0, 16]"
    )
    found = list(read(type(page)(text.encode(), page.url, page.captured_at)))
    rejected = [r for r in found if isinstance(r, Rejected)]
    assert [r.model_label for r in rejected] == ["gpt-9-alpha", "gpt-9-alpha"]
    assert all("40.00 USD" in r.reason and "41.00 USD" in r.reason for r in rejected)
    assert not any(
        isinstance(p, Price) and (p.model_label, p.token_kind, p.tier) == ("gpt-9-alpha", "output", None) for p in found
    )


def test_only_text_tokens_of_language_models_are_read(page_of):
    table = prices(read(page_of("developers.html")))
    assert of(table, "gpt-live-9") == ("5", "0.5", None, "2E+1")
    labels = {model for model, _, _ in table}
    assert not labels & {"tts-9", "film-9", "gpt-ear-9", "Web search", "text-embedding-9", "omni-moderation-9"}


def test_fine_tuned_models_and_data_sharing_have_tiers_of_their_own(page_of):
    table = prices(read(page_of("developers.html")))
    label = "o9-mini-2026-01-01"
    assert of(table, label) == (None, None, None, None)
    assert of(table, label, "fine-tuned") == ("4", "1", None, "16")
    assert of(table, label, "fine-tuned, data sharing") == ("2", "0.5", None, "8")
    assert of(table, label, "batch, fine-tuned") == ("2", "0.5", None, "8")
    assert of(table, label, "batch, fine-tuned, data sharing") == ("1", "0.25", None, "4")
    assert of(table, "davinci-9", "batch, fine-tuned") == ("6", None, None, "6")


def test_the_platform_page_in_markdown_keeps_tiers_and_leaves_audio_out(page_of):
    table = prices(read(page_of("platform.md")))
    assert [of(table, "gpt-7", t) for t in (None, "batch", "flex", "priority")] == [
        ("2", "0.2", None, "8"),
        ("1", None, None, "4"),
        ("1", "0.1", None, "4"),
        ("3.5", "0.35", None, "14"),
    ]
    assert of(table, "gpt-7-audio") == ("2.5", None, None, "1E+1")
    assert of(table, "gpt-3z") == ("3E+1", None, None, "6E+1")
    assert of(table, "o7-mini-2025-01-01", "fine-tuned, data sharing") == ("2", "0.5", None, "8")
    assert len(table) == 31


@pytest.mark.parametrize(
    ("name", "model", "tier", "expected", "count"),
    [
        ("platform.html", "gpt-6q", None, ("2", "0.5", None, "8"), 5),
        ("platform.html", "o6-pro", None, ("1.5E+2", None, None, "6E+2"), 5),
        ("markdown.md", "gpt-9-alpha", "long_context", ("16", "1.6", None, "6E+1"), 9),
        ("markdown.md", "gpt-9-alpha", "priority", ("16", "1.6", None, "8E+1"), 9),
        ("api_2024.md", "gpt-5z", None, ("2.5", "1.25", None, "1E+1"), 11),
        ("api_2024.md", "gpt-5z", "batch", ("1.25", None, None, "5"), 11),
        ("api_2024.md", "gpt-5z-2024-01-01", "batch", ("2.5", None, None, "7.5"), 11),
        ("api_2024.md", "gpt-5z-2024-01-01", "fine-tuned", ("3.75", None, None, "15"), 11),
        ("api_2023.html", "GPT-4z 8K context", None, ("0.03", None, None, "0.06"), 6),
        ("api_2023.html", "gpt-3z-turbo", "fine-tuned", ("0.003", None, None, "0.006"), 6),
        ("cards.html", "GPT-7", None, ("1.25", "0.125", None, "1E+1"), 8),
        ("cards.html", "GPT-6q", "fine-tuned", ("3", "0.75", None, "12"), 8),
        ("cards.html", "gpt-live-7", None, ("4", None, None, "16"), 8),
    ],
)
def test_older_layouts_are_read(page_of, name, model, tier, expected, count):
    table = prices(read(page_of(name)))
    assert of(table, model, tier) == expected
    assert len(table) == count


def test_a_snapshot_in_small_type_is_a_note_and_no_part_of_the_name(page_of):
    found = list(read(page_of("platform.html")))
    assert {p.notes for p in found if p.model_label == "gpt-6q"} == {"snapshot gpt-6q-2025-02-14"}


def test_prices_per_thousand_tokens_keep_their_unit(page_of):
    assert {p.unit_original for p in read(page_of("api_2023.html"))} == {"per_ktok"}
    changed = page_of("platform.md", ("Prices per 1M tokens.", "Prices per 1K tokens."))
    assert {p.unit_original for p in read(changed)} == {"per_ktok"}


@pytest.mark.parametrize("name", ["platform.md", "developers.html", "cards.html"])
def test_a_price_in_euro_is_read_as_euro(page_of, name):
    found = list(read(page_of(name, ("$", "€"))))
    assert {p.currency for p in found} == {"EUR"}


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("platform.md", "Prices per 1M tokens.", "", "the unit"),
        ("developers.html", "<div>Prices per 1M tokens.</div>", "", "the unit"),
        ("platform.md", "\nFlex\n", "\nTurbo\n", "a tier"),
        ("platform.md", "\nFlex\n", "\n", "a tier"),
        ("platform.md", "\nBatch\n", "\nNight rate\n", "a tier"),
        ("developers.html", '<div class="hidden">Flex</div>', '<div class="hidden">Turbo</div>', "a tier"),
        ("developers.html", '<div class="hidden">Flex</div>', "", "a tier"),
        ("platform.md", "|Cached input|Output|", "|Cached input|Result|", "columns"),
        ("platform.md", "|Model|Input|Cached input|", "|Model|Asked|Cached input|", "columns"),
        ("platform.md", "|Model|Input|Cached input|", "|Name|Input|Cached input|", "columns"),
        ("platform.md", "|Cached input|Output|", "|Storage of cache|Output|", "columns"),
        ("platform.md", "|Model|Input|Cached input|Output|", "|Model|Asked|Remembered|Answered|", "columns"),
        ("api_2023.html", "<th>Input</th>", "<th>Asked</th>", "columns"),
    ],
)
def test_a_page_that_changed_shape_is_an_error(page_of, name, old, new, expected):
    with pytest.raises(LayoutChanged, match=expected):
        list(read(page_of(name, (old, new))))


def test_swapped_columns_are_rejected_not_read(page_of):
    page = page_of("platform.md", ("|Model|Input|Cached input|Output|", "|Model|Output|Cached input|Input|"))
    found = [r for r in read(page) if r.row_locator.split("table ")[1].startswith(("1 ", "2 ", "3 ", "4 "))]
    assert found
    assert all(isinstance(r, Rejected) for r in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("|gpt-7|$2.00|$0.20|$8.00|", "|gpt-7|2.00|0.20|8.00|"),
        ("|gpt-7|$2.00|$0.20|$8.00|", "|gpt-7|$2.00 - $3.00|$0.20|$8.00|"),
        ("|gpt-7|$2.00|$0.20|$8.00|", "|gpt-7|see below|$0.20|$8.00|"),
        ("|gpt-7|$2.00|$0.20|$8.00|", "||$2.00|$0.20|$8.00|"),
        ("|gpt-7|$2.00|$0.20|$8.00|", "|gpt-7|£2.00|£0.20|£8.00|"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_and_the_others_stay(page_of, old, new):
    found = list(read(page_of("platform.md", (old, new))))
    assert sum(isinstance(r, Rejected) for r in found) == 1
    assert sum(isinstance(r, Price) for r in found) == 28


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[0, 8], [0, 0.8], [0, 10], [0, 40]]]", "[0, 8], [0, 0.8], [0, 10], [0, 44]]]"),  # other amount than shown
        ("[0, 3], [0, null], [0, 9]]]", "[0, 3], [0, null]]]"),  # too few values
        ("[0, &quot;gpt-9-beta&quot;], [0, 2], ", "[0, &quot;gpt-9-gamma&quot;], [0, 2], "),  # a shown row is missing
    ],
)
def test_a_payload_that_disagrees_with_its_table_is_not_read(page_of, old, new):
    page = page_of("developers.html")
    text = page.text.replace(old.replace('"', "&quot;"), new.replace('"', "&quot;"), 1)
    assert text != page.text
    found = list(read(type(page)(text.encode(), page.url, page.captured_at)))
    assert [r.row_locator.split(", ")[-1] for r in found if isinstance(r, Rejected)] == ["rows not shown"]
    shown = [p for p in found if isinstance(p, Price) and p.tier is None]
    assert "gpt-9-alpha" in {p.model_label for p in shown}
    assert "gpt-8" not in {p.model_label for p in shown}


def test_a_page_without_prices_is_an_error(open_page):
    with pytest.raises(LayoutChanged, match="prices per token"):
        list(read(open_page("<html><body><h1>Pricing</h1><p>Contact sales</p></body></html>")))


UNIT = "<p>Prices per 1M tokens.</p>"


def table(rows, *header):
    cells = "".join(f"<th>{name}</th>" for name in header or ("Model", "Input", "Output"))
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


NINE = table([("gpt-9", "$2", "$8")])


@pytest.fixture
def read_html(open_page):
    def make(body):
        return list(read(open_page(f"<!DOCTYPE html><html><body><h1>Pricing</h1>{body}</body></html>")))

    return make


@pytest.mark.parametrize(
    ("over", "tier"),
    [
        ("<h2>Batch API</h2>" + UNIT, "batch"),
        ("<h2>Batch</h2><p>Save 50% with the Batch API.</p>" + UNIT, "batch"),
        ("<h2>Batch API</h2><h3>Text tokens</h3>" + UNIT, LayoutChanged),
        (UNIT + "<h3>Batch API (24h)</h3>", "batch"),
        (UNIT + "<h3>Batch, within a day</h3>", LayoutChanged),
        ("<h2>Text</h2><p>Batch prices per 1M tokens.</p>", LayoutChanged),
        (UNIT + "<p>The prices below are those of the Batch API.</p>", LayoutChanged),
        (UNIT + "<div>Standard</div><div>Batch</div><div>Flex</div>", LayoutChanged),
        (UNIT + "<div>Standard</div><div>Batch</div><div>Standard</div>", None),
        (UNIT + "<button aria-selected=true>Batch</button><button>Standard</button>", "batch"),
        (UNIT + "<button data-state=off>Batch</button><button data-state=on>Standard</button>", None),
        (UNIT + "<button>Batch</button><button>Standard</button>", LayoutChanged),
        (UNIT + '<div role="tab" aria-selected="true">Flex</div><div role="tab">Standard</div>', "flex"),
        (UNIT + "<select><option>Standard</option><option selected>Fast mode</option></select>", "priority"),
        ("<h2>Text tokens</h2>" + UNIT + "<div>Batch API price</div>", None),
        (UNIT + "<label>Batch API price <button role=switch aria-checked=false></button></label>", None),
        (UNIT + "<label>Batch API price <button role=switch aria-checked=true></button></label>", LayoutChanged),
        (UNIT + "<p>Learn more about Fast mode</p>", None),
        ("<h2>Fast, affordable small models</h2>" + UNIT, None),
        ("<h2>Models</h2><p>Save 50% with the Batch API.</p>" + UNIT, None),
    ],
)
def test_words_over_a_table_that_name_a_tier_are_read_or_are_an_error(read_html, over, tier):
    if tier is LayoutChanged:
        with pytest.raises(LayoutChanged, match="tier over the table"):
            read_html(over + NINE)
        return
    assert of(prices(read_html(over + NINE)), "gpt-9", tier) == ("2", None, None, "8")


def test_a_tier_in_an_outer_heading_holds_for_the_tables_under_it_or_is_an_error(read_html):
    nested = "<h2>Batch API</h2><p>x</p>" + table([("Web search", "$1.00 / 1K calls")], "Tool", "Cost")
    found = prices(read_html(nested + "<h3>Text tokens</h3>" + UNIT + NINE))
    assert of(found, "gpt-9", "batch") == ("2", None, None, "8")
    with pytest.raises(LayoutChanged, match="the heading 'Batch API'"):
        read_html(nested + "<div>Legacy models</div>" + UNIT + NINE)


def test_navigation_before_the_title_names_no_tier(open_page):
    nav = "<ul><li>Fast mode</li><li>Batch</li><li>Flex processing</li></ul>"
    page = open_page(f"<!DOCTYPE html><html><body>{nav}<h1>Pricing</h1>{UNIT}{NINE}</body></html>")
    assert of(prices(read(page)), "gpt-9") == ("2", None, None, "8")


def test_a_further_tab_may_have_other_columns(read_html):
    tabs = UNIT + "<h3>Standard</h3>" + table([("gpt-9", "$2", "$1", "$8")], "Model", "Input", "Cached input", "Output")
    found = prices(read_html(tabs + "<h3>Batch API</h3>" + table([("gpt-9", "$1", "$4")])))
    assert of(found, "gpt-9") == ("2", "1", None, "8")
    assert of(found, "gpt-9", "batch") == ("1", None, None, "4")


@pytest.mark.parametrize(
    "stated", ["<p>Price per 1M tokens</p><p>Price per 1K tokens</p>", "<p>Price per 1M tokens or per 1K tokens</p>"]
)
def test_two_units_over_a_table_are_an_error(read_html, stated):
    with pytest.raises(LayoutChanged, match="several units"):
        read_html(stated + NINE)


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("Realtime API", "gpt-9-realtime"),
        ("Realtime API", "gpt-9-realtime (audio)"),
        ("Text tokens", "gpt-9-realtime (audio)"),
        ("Text tokens", "gpt-image-9"),
        ("Text tokens", "chatgpt-image-latest"),
        ("Text tokens", "gpt-9-mini-tts"),
        ("Text tokens", "gpt-9-transcribe"),
    ],
)
def test_tokens_that_may_be_audio_and_models_of_images_and_speech_are_left_out(read_html, title, model):
    found = prices(read_html(UNIT + NINE + f"<h2>{title}</h2>" + UNIT + table([(model, "$4", "$16")])))
    assert {label for label, _, _ in found} == {"gpt-9"}


def test_prompt_and_completion_of_2023_are_input_and_output_and_tools_of_assistants_are_left_out(read_html):
    rows = [("8K context", "$0.03 / 1K tokens", "$0.06 / 1K tokens")]
    body = "<h2>GPT-9</h2>" + table(rows, "Model", "Prompt", "Completion")
    body += "<h2>Assistants API</h2>" + table([("Code interpreter", "$0.03 / session")], "Tool", "Input")
    body += "<h2>Old</h2>" + table([("Ada<br>Fastest", "$0.0004 / 1K tokens")], "Model", "Usage")
    found = read_html(body)
    assert of(prices(found), "GPT-9 8K context") == ("0.03", None, None, "0.06")
    assert [(p.model_label, p.token_kind, p.notes) for p in found[2:]] == [("Ada", "blended", "Fastest")]


def card(level, title, *lines):
    return f"<h{level}>{title}</h{level}>" + "".join(f"<p>{line}</p>" for line in lines)


PLAIN = ("Input: $2 / 1M tokens", "Output: $8 / 1M tokens")
LIVE = (
    "Text",
    "Input: $5 / 1M tokens",
    "Output: $20 / 1M tokens",
    "Audio",
    "Input: $40 / 1M tokens",
    "Output: $80 / 1M tokens",
)


@pytest.mark.parametrize("level", [2, 3])
def test_a_realtime_card_does_not_void_the_model_of_the_same_name(read_html, level):
    found = read_html(card(2, "GPT-9", *PLAIN) + "<h2>Realtime API</h2>" + card(level, "GPT-9", *LIVE))
    assert of(prices(found), "GPT-9") == ("2", None, None, "8")


def test_a_card_whose_section_cannot_be_told_is_rejected(read_html):
    found = read_html(card(2, "GPT-9", *PLAIN) + "<h2>Realtime API</h2>" + card(2, "GPT-8", *PLAIN))
    assert [r.model_label for r in found if isinstance(r, Rejected)] == ["GPT-8"]
    assert of(prices(p for p in found if isinstance(p, Price)), "GPT-9") == ("2", None, None, "8")


def test_cards_under_a_heading_of_fine_tuning_are_fine_tuned_without_a_line_for_training(read_html):
    found = prices(read_html(card(2, "GPT-9", *PLAIN) + "<h2>Fine-tuning our models</h2>" + card(3, "GPT-9", *PLAIN)))
    assert set(found) == {("GPT-9", kind, tier) for kind in ("input", "output") for tier in (None, "fine-tuned")}


def test_the_real_page_of_august_2026_is_read_whole(captures, open_page):
    page = open_page(captures / "openai_pricing" / "2026-08-21" / "pricing.html")
    page.check_whole()
    table = prices(read(page))
    # Shown rows: 16 tables by eye; the rows behind 'All models' counted in the islands' properties: 454 prices of text tokens,
    # less 24 of five image models (12 in each of two tabs) and 1 of gpt-4o-mini-tts.
    assert len(table) == 429 >= SOURCE.min_rows
    tabs = [
        ("5", "0.5", "6.25", "3E+1"),
        ("2.5", "0.25", "3.125", "15"),
        ("2.5", "0.25", "3.125", "15"),
        ("1E+1", "1", "12.5", "6E+1"),
    ]
    assert [of(table, "gpt-5.6-sol", tier) for tier in (None, "batch", "flex", "priority")] == tabs
    assert of(table, "gpt-5.6-sol", "context>272k") == ("1E+1", "1", "12.5", "45")
    assert of(table, "gpt-5.6-luna", "priority, context>272k") == ("0.8", "0.08", "1", "3.6")
    assert of(table, "gpt-5.6-cyber") == ("12.5", "1.25", "15.625", "75")
    assert of(table, "gpt-realtime-2.1") == ("4", "0.4", None, "24")
    assert of(table, "chat-latest") == ("5", "0.5", None, "3E+1")
    assert of(table, "gpt-5.3-codex", "priority") == ("3.5", "0.35", None, "28")
    assert of(table, "o4-mini-2025-04-16", "batch, fine-tuned, data sharing") == ("1", "0.25", None, "4")
    assert of(table, "gpt-4o") == ("2.5", "1.25", None, "1E+1")
    assert of(table, "gpt-4o-2024-05-13", "priority") == ("8.75", None, None, "26.25")
    assert of(table, "gpt-5.4", "batch") == ("1.25", "0.13", None, "7.5")
    assert of(table, "gpt-4-0613") == ("3E+1", None, None, "6E+1")
    labels = {model for model, _, _ in table}
    assert not labels & {"sora-2", "gpt-4o-transcribe", "whisper", "text-embedding-3-small", "tts-1"}
    assert not labels & {"gpt-image-2", "gpt-image-1", "chatgpt-image-latest", "gpt-4o-mini-tts"}


def test_the_gate_of_may_2026_is_told_from_a_page(captures, open_page):
    with pytest.raises(BlockedPage):
        open_page(captures / "openai_pricing" / "2026-05-08" / "blocked.html").check_whole()


def test_prices_per_million_characters_are_no_prices_of_tokens(page_of):
    with pytest.raises(LayoutChanged, match="tables or cards with prices per token"):
        list(read(page_of("developers.html", ("per 1M tokens", "per 1M characters"))))


def test_text_tokens_in_the_statement_of_the_unit_are_tokens(page_of):
    plain = prices(read(page_of("developers.html")))
    assert prices(read(page_of("developers.html", ("Prices per 1M tokens", "Prices per 1M text tokens")))) == plain
