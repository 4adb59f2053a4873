"""Google Cloud's price page: Gemini by kind of token, partners by cell and region, later columns, broken pages, the real capture."""

import logging

import pytest

from flows.errors import BadRow, LayoutChanged
from flows.records import Rejected
from flows.sources._vertex_cells import Kind, kind_of, labelled_amounts, plain_amounts
from flows.sources.google_cloud_pricing import SOURCE, read


def prices(items):
    """Return input, cached input, output as text by (model, tier), today's prices only; no price comes twice."""
    table = {}
    for price in items:
        if isinstance(price, Rejected) or price.token_kind == "cache_write":
            continue
        assert (price.provider_id, price.currency, price.unit_original) == ("vertex", "USD", "per_mtok")
        kind = price.token_kind if price.effective_on is None else f"{price.token_kind} {price.effective_on}"
        cells = table.setdefault((price.model_label, price.tier), {})
        assert kind not in cells
        cells[kind] = str(price.amount_original)
    kinds = ("input", "cached_input", "output")
    return {key: tuple(cells.get(kind) for kind in kinds) for key, cells in table.items()}


def rejected(items):
    return [(row.model_label, row.reason) for row in items if isinstance(row, Rejected)]


def test_rows_of_gemini_name_the_kind_and_columns_the_side_of_the_threshold(page_of):
    table = prices(read(page_of("pricing.html")))
    assert table["Gemini 9 Pro Preview", None] == ("2.2", "0.22", "13")
    assert table["Gemini 9 Pro Preview", "context>200k"] == ("4.4", "0.44", "19")
    assert table["Gemini 8 Flash", None] == ("0.16", "0.04", "0.64")  # cached input from the table with storage
    assert table["Gemini 8 Flash", "batch"] == ("0.08", None, "0.32")


def test_flex_and_batch_at_one_price_are_two_tiers(page_of):
    table = prices(read(page_of("pricing.html")))
    assert table["Gemini 9 Pro Preview", "flex"] == table["Gemini 9 Pro Preview", "batch"] == ("1.1", None, "6.5")
    assert table["Gemini 9 Pro Preview", "batch, context>200k"] == ("2.2", None, "9.5")


def test_a_price_outside_the_global_endpoint_begins_on_the_day_of_the_footnote(page_of):
    found = [
        p for p in read(page_of("pricing.html")) if p.model_label == "Gemini 9 Flash-Lite" and p.token_kind == "output"
    ]
    assert [(str(p.amount_original), p.tier, str(p.effective_on)) for p in found] == [
        ("1.8", None, "None"),
        ("1.98", "non-global", "2026-08-01"),
    ]


def test_partners_state_all_prices_in_a_cell_and_a_table_per_region(page_of):
    found = list(read(page_of("pricing.html")))
    table = prices(found)
    assert table["Claude Sonnet 9", None] == ("3.00", "0.30", "15.00")
    assert table["Claude Sonnet 9", "batch"] == ("1.50", "0.15", "7.50")
    assert table["Claude Sonnet 9", "context>200k"] == ("6.00", "0.60", "22.50")
    assert table["Claude Sonnet 9", "us-east5"] == ("3.30", None, "16.50")
    assert table["Claude Sonnet 9", "batch, us-east5"] == ("1.65", None, None)
    assert table["Claude Sonnet 9", "us-east5, context>200k"] == ("6.60", None, "24.75")
    assert table["Claude Sonnet 9", "us"] == ("3.31", None, "16.51")
    assert table["DeepThink-V9", "batch"] == ("0.30", None, "0.85")
    assert table["Gemma 9 26B", None] == ("0.17", "0.017", "0.70")
    writes = {p.tier: str(p.amount_original) for p in found if p.token_kind == "cache_write"}
    assert writes == {
        None: "3.75", "cache_1h": "6.00", "batch": "1.88", "cache_1h, batch": "3.00", "cache_1h, us-east5": "6.60"
    }  # fmt: skip


def test_marks_are_no_part_of_a_name(page_of):
    found = list(read(page_of("pricing.html")))
    assert {p.notes for p in found if p.model_label == "Claude 7 Haiku"} == {"deprecated"}
    assert ("GLM-9", None) in prices(found)


def test_characters_images_training_storage_tools_and_scanners_are_left_out_and_counted(page_of, caplog):
    with caplog.at_level(logging.INFO, logger="flows.sources.google_cloud_pricing"):
        found = list(read(page_of("pricing.html")))
    assert not rejected(found)
    labels = {price.model_label for price in found}
    assert labels == {
        "Gemini 9 Pro Preview", "Gemini 9 Flash-Lite", "Gemini 8 Flash", "Gemma 9 26B", "Claude Sonnet 9", "Claude 7 Haiku",
        "DeepThink-V9", "GLM-9",
    }  # fmt: skip
    assert "'characters or training tokens': 7" in caplog.text  # 4 by character, tuning of 3 models
    assert "'other units': 5" in caplog.text
    assert "'no language model': 4" in caplog.text


def test_later_tables_have_a_region_column_days_in_the_models_cell_and_plain_kinds_of_claude(page_of):
    found = list(read(page_of("autumn.html")))
    table = prices(found)
    assert table["Gemini 9.8 Flash", None] == ("0.80", "0.08", "4.00")
    assert table["Gemini 9.8 Flash", "non-global"] == ("0.88", "0.088", None)  # an empty type repeats the one above
    assert table["Gemini 9.8 Flash", "priority"] == ("1.44", None, "7.20")
    assert table["Claude Opus 9", None] == ("5.00", None, "25.00")
    assert table["Claude Opus 9", "batch"] == ("2.50", None, None)
    assert table["Claude Opus 9", "regional"] == ("5.50", None, "27.50")
    assert table["Claude Haiku 9", None] == ("0.10", None, "0.50")
    days = {
        (str(p.amount_original), str(p.effective_on), str(p.ends_on))
        for p in found
        if p.model_label == "Gemini 9.8 Flash"
    }
    assert {("0.80", "None", "2027-01-01"), ("1.60", "2027-01-01", "None"), ("1.44", "None", "None")} <= days


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Input (text, image, video, audio)", Kind("input")),
        ("Text output (response and reasoning)", Kind("output")),
        ("Output (text)", Kind("output")),
        ("1M input text tokens", Kind("input")),
        ("1M Input tokens", Kind("input")),
        ("5m Batch Cache Write", Kind("cache_write", "batch")),
        ("1h Cache Write", Kind("cache_write", None, True)),
        ("Batch Cache Hit", Kind("cached_input", "batch")),
        ("Audio Input", None),
        ("Input (audio)", None),
        ("Output (audio)", None),
        ("1M input video/image tokens", None),
        ("Image Output***", None),
        ("Image output per picture", None),
    ],
)
def test_a_type_names_a_kind_of_text_tokens_or_none(words, kind):
    assert kind_of(words) == kind


@pytest.mark.parametrize("words", ["Throughput", "", "Input (weekends)", "Session"])
def test_words_that_are_no_kind_of_token_are_an_error(words):
    with pytest.raises(ValueError, match="a kind of token"):
        kind_of(words)


def test_cells_with_words_that_are_not_known_are_an_error():
    assert labelled_amounts("Input: N/A Output: $2.00 / 1M tokens", "here") == [
        (Kind("output"), ("$2.00 / 1M tokens", None, False))
    ]
    assert labelled_amounts("$2.00", "here") == []
    for text in ("Input: $5.00 on weekends Output: $25.00", "From Input: $5.00", "Input: about five"):
        with pytest.raises(BadRow, match="'Input: "):
            labelled_amounts(text, "here")
    with pytest.raises(BadRow, match="amounts such as"):
        list(plain_amounts("$5.00 (Mars)", "here"))


@pytest.mark.parametrize(
    ("changes", "label", "told"),
    [
        ([("<td>Text output (response and reasoning)</td><td>$13</td>", "<td>Sampling</td><td>$13</td>")], "Gemini 9 Pro Preview", "a kind of token"),
        ([("<td>$13</td><td>$19</td>", "<td>$1.3</td><td>$1.9</td>")], "Gemini 9 Pro Preview", "input at most output"),
        ([("<td>$2.2</td><td>$4.4</td>", "<td>$4.4</td><td>$2.2</td>")], "Gemini 9 Pro Preview", "at least 4.4"),
        ([("<br>Batch Output: $0.85 / million tokens", "<br>Extra: $0.85")], "DeepThink-V9", "'Input: $5.00"),
        ([("<td>$0.16</td><td>$0.08</td></tr>\n<tr><td>1M Input audio", "<td>0.16 $ or so</td><td>$0.08</td></tr>\n<tr><td>1M Input audio")], "Gemini 8 Flash", "amounts such as"),
        ([("1M Input tokens</td><td>$0.16", "Input tokens</td><td>$0.16")], "Gemini 8 Flash", "the unit in the cell or over the table"),
        ([("<br>1h Cache Write: $6.60", "<br>1h Cache Write: $6.60<br>Input: $9.00")], "Claude Sonnet 9", "expected one input price"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_of_one_model_is_rejected_and_the_others_are_read(page_of, changes, label, told):
    items = list(read(page_of("pricing.html", *changes)))
    found = rejected(items)
    assert found
    assert all(name is None or name.startswith(label) for name, _ in found)
    assert all(told in reason for _, reason in found)
    assert prices(items)["GLM-9", None] == ("1", None, "3.2")


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("autumn.html", [("<th>Model</th>", "<th>Product</th>")], "expected a column 'Model'"),
        ("pricing.html", [("<tr><th>Model</th><th>Pricing</th></tr>", "<tr><th>Product</th><th>Pricing</th></tr>")], "a column 'Model'"),
        ("pricing.html", [("input tokens with Flex/Batch", "input tokens with Priority")], "one service tier"),
    ],
)  # fmt: skip
def test_a_page_of_another_shape_is_an_error(page_of, name, changes, told):
    with pytest.raises(LayoutChanged, match=told):
        list(read(page_of(name, *changes)))


def test_the_capture_of_may_2026_gives_what_stands_on_the_page(captures, open_page):
    page = open_page(captures / "google_cloud_pricing" / "2026-05-08" / "pricing.html", SOURCE.urls[0], "2026-05-08")
    page.check_whole()
    items = list(read(page))
    # us-east5 states each price of Claude Sonnet 4.6 twice in one cell, $3.30 and $6.60: neither is taken.
    assert {(r.model_label, r.row_locator) for r in items if isinstance(r, Rejected)} == {
        ("Claude Sonnet 4.6", "line 28639, table 34 row 3")
    }
    assert len(rejected(items)) == 10
    assert len(items) == 630
    table = prices(items)
    assert table["Gemini 3.1 Pro Preview", None] == ("2", "0.2", "12")
    assert table["Gemini 3.1 Pro Preview", "priority, context>200k"] == ("7.2", "0.72", "32.4")
    assert table["Gemini 3.1 Flash-Lite", "flex"] == ("0.125", "0.0125", "0.75")
    assert table["Gemini 2.5 Pro", None] == ("1.25", "0.13", "10")
    assert table["Gemini 2.5 Flash Lite", "batch"] == ("0.05", None, "0.2")
    assert table["Gemini 2.0 Flash", None] == ("0.15", "0.0375", "0.60")
    assert table["Gemini 2.0 Flash Lite", "batch"] == ("0.0375", None, "0.15")
    assert table["Claude Opus 4.7", None] == ("5.00", "0.50", "25.00")
    assert table["Claude Sonnet 4.5", "context>200k"] == ("6.00", "0.60", "22.50")
    assert table["Claude Haiku 4.5", "asia-east1"] == ("1.10", "0.11", "5.50")
    assert table["Claude Opus 4.7", "batch, eu"] == ("2.75", "0.275", "13.75")
    assert table["Claude 3.5 Haiku", None] == ("0.80", "0.08", "4")
    assert table["Grok 4.1 Fast Reasoning", None] == ("0.20", "0.05", "0.50")
    assert table["Llama 4 Maverick", "batch"] == ("0.175", None, "0.575")
    assert table["gpt-oss-20b", None] == ("0.07", "0.007", "0.25")
    assert table["Codestral 2", None] == ("0.30", None, "0.90")
    labels = {label for label, _ in table}
    assert len(labels) == 48
    assert not labels & {
        "Mistral OCR (25.05)",
        "DeepSeek-OCR",
        "Gemini 1.5 Pro",
        "Gemini 2.5 Flash Image",
        "Gemini Embedding",
    }


def test_an_amount_without_a_dollar_sign_is_rejected_and_not_passed_over(page_of):
    for other in ("2.2", "\u20ac2.2", "2.2 \u20ac"):
        found = rejected(
            read(page_of("pricing.html", ("<td>$2.2</td><td>$4.4</td>", f"<td>{other}</td><td>$4.4</td>")))
        )
        assert any(label == "Gemini 9 Pro Preview" and f"found '{other}'" in reason for label, reason in found), other


def test_prices_under_the_heading_of_the_models_are_an_error(page_of):
    heads = ("<tr><th>Model</th><th>Pricing</th></tr>", "<tr><th>Pricing</th><th>Model</th></tr>")
    with pytest.raises(LayoutChanged, match="expected names under 'Model'; found prices per tokens"):
        list(read(page_of("pricing.html", heads)))


def test_a_table_priced_per_tokens_by_its_header_needs_a_column_of_models(page_of):
    heads = (
        "<th>Model</th><th>Type</th><th>Price (/1M tokens) <= 200K input tokens</th>",
        "<th>Name</th><th>Type</th><th>Price (/1M tokens) <= 200K input tokens</th>",
    )
    with pytest.raises(LayoutChanged, match="expected a column 'Model'"):
        list(read(page_of("pricing.html", heads)))
