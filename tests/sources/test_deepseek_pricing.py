"""DeepSeek's price page: models as columns or as rows, discounts, hours of the day, prices announced, yuan."""

from datetime import date

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources.deepseek_pricing import SOURCE, read


def prices(items, currency="USD"):
    """Return cache hit, cache miss and output as text by (model, tier); nothing may be rejected."""
    table = {}
    for price in items:
        assert isinstance(price, Price), price.reason
        assert (price.provider_id, price.unit_original, price.currency) == ("deepseek", "per_mtok", currency)
        cells = table.setdefault((price.model_label, price.tier), {})
        assert price.token_kind not in cells
        cells[price.token_kind] = str(price.amount_original)
    kinds = ("cached_input", "input", "output")
    return {key: tuple(cells.get(kind) for kind in kinds) for key, cells in table.items()}


def notes(items):
    return {(p.model_label, p.token_kind, p.tier): p.notes for p in items}


def test_models_are_columns_and_a_wide_cell_holds_for_both(page_of):
    page = page_of("by_column.html")
    page.check_whole()
    assert prices(read(page)) == {
        ("deepseek-swift", None): ("0.003", "0.5", "0.75"),
        ("deepseek-deep", None): ("0.005", "0.5", "0.9"),
    }
    assert {p.row_locator for p in read(page)} >= {"line 12, table 1 row 6, column 'deepseek-swift'"}


def test_a_price_struck_out_is_no_offer_and_the_note_keeps_it(page_of):
    found = notes(read(page_of("by_column.html")))
    assert found["deepseek-deep", "output", None] == "DeepSeek-V9-Deep; 75% off; $3.6 without the discount"
    assert found["deepseek-swift", "output", None] == "DeepSeek-V9-Swift"


def test_a_price_struck_out_is_known_by_its_percentage_where_the_markup_was_lost(page_of):
    page = page_of("by_column.html", ("<del>", " "), ("</del>", ""), ("<sup>", ""), ("</sup>", ""))
    assert prices(read(page)) == prices(read(page_of("by_column.html")))
    bad = [r for r in read(page_of("by_column.html", ("<del>$3.6</del>", " $3.9"))) if isinstance(r, Rejected)]
    assert [row.reason.partition("expected ")[2] for row in bad] == [
        "a price and the same less 75 %; found '$0.9 (75% off) $3.9'"
    ]


def test_cheaper_hours_are_a_tier_and_full_prices_have_none(page_of):
    page = page_of("by_hour.html")
    assert prices(read(page)) == {
        ("deepseek-talk", None): ("0.08", "0.28", "1.20"),
        ("deepseek-think", None): ("0.15", "0.60", "2.20"),
        ("deepseek-talk", "off-peak"): ("0.04", "0.14", "0.60"),
        ("deepseek-think", "off-peak"): (None, "0.15", "0.55"),  # '-'
    }
    found = notes(read(page))
    assert found["deepseek-talk", "input", None] == "UTC 00:30-16:30"
    assert found["deepseek-talk", "input", "off-peak"] == "UTC 16:30-00:30; 50% off"


def test_a_markdown_table_that_lost_its_spans_is_read_with_peak_as_the_full_price(page_of):
    page = page_of("peak.md")
    assert prices(read(page)) == {
        ("deepseek-swift", None): ("0.008", "0.4", "1"),
        ("deepseek-deep", None): ("0.04", "1.4", "3.8"),
        ("deepseek-swift", "off-peak"): ("0.004", "0.2", "0.5"),
        ("deepseek-deep", "off-peak"): ("0.02", "0.7", "1.9"),
    }
    assert notes(read(page))["deepseek-swift", "input", None] == "DeepSeek-V9-Swift; peak hours"


def test_a_lost_span_is_one_price_for_all_models_where_the_page_shows_that_spans_were_lost(page_of):
    change = ("| OFF-PEAK | $0.2 | $0.7 | |", "| OFF-PEAK | $0.2 | | |")
    table = prices(read(page_of("peak.md", change)))
    assert table["deepseek-swift", "off-peak"][1] == table["deepseek-deep", "off-peak"][1] == "0.2"
    assert table["deepseek-deep", None] == ("0.04", "1.4", "3.8")
    found = list(read(page_of("peak.md", change, ("| BASE URL (OpenAI Format) |", "| ADDRESS |"))))
    (bad,) = [row for row in found if isinstance(row, Rejected)]
    assert "a price for each of ['deepseek-swift', 'deepseek-deep']" in bad.reason
    assert len(found) == 11


def test_models_are_rows_and_an_offer_in_dollars_and_yuan_is_one_offer(page_of):
    found = list(read(page_of("by_row.html")))
    assert prices(p for p in found if p.currency == "USD") == {
        ("deepseek-talk", None): ("0.016", "0.15", "0.30"),
        ("deepseek-think", None): ("0.15", "0.60", "2.20"),
    }
    assert prices((p for p in found if p.currency == "CNY"), "CNY") == {("deepseek-china", None): ("1", "4", "16")}


def test_two_prices_in_a_cell_are_told_apart_by_what_the_page_says_of_them(page_of):
    page = page_of("by_row.html", ("<del>", ""), ("</del>", ""))
    assert prices(p for p in read(page) if p.currency == "USD")["deepseek-talk", None] == ("0.016", "0.15", "0.30")
    silent = page_of("by_row.html", ("<del>", ""), ("</del>", ""), ("original price", "price"))
    bad = [row for row in read(silent) if isinstance(row, Rejected)]
    assert [row.model_label for row in bad] == ["deepseek-talk"]
    assert "one amount of money" in bad[0].reason


def test_announced_prices_carry_their_day_and_the_present_ones_their_end(page_of):
    found = list(read(page_of("announced.html")))
    day = date(2027, 9, 5)
    assert {(p.effective_on, p.ends_on) for p in found} == {(day, None), (None, day)}
    assert prices(p for p in found if p.effective_on) == {
        ("deepseek-talk", None): ("0.07", "0.60", "1.70"),
        ("deepseek-think", None): ("0.07", "0.60", "1.70"),
    }
    assert prices(p for p in found if p.ends_on)["deepseek-think", None] == ("0.14", "0.55", "2.20")


def test_two_tables_without_a_day_that_disagree_are_rejected(page_of):
    page = page_of("announced.html", ("Starting from 16:00 UTC Time on Sept 5th, 2027, we", "We"), ("until 16:00 UTC Time on Sept 5th, 2027", "for now"))  # fmt: skip
    assert all(isinstance(row, Rejected) for row in read(page))


def test_the_chinese_page_is_read_in_yuan(page_of):
    assert prices(read(page_of("chinese.html")), "CNY") == {
        ("deepseek-talk", None): ("0.6", "2.5", "9"),
        ("deepseek-think", None): ("1", "4", "16"),
        ("deepseek-talk", "off-peak"): ("0.3", "1.25", "4.5"),
        ("deepseek-think", "off-peak"): ("0.25", "1", "4"),
    }


@pytest.mark.parametrize(
    ("page", "old", "new", "expected"),
    [
        ("by_column.html", "<td colspan=\"2\">MODEL</td>", "<td colspan=\"2\">NAME</td>", "'MODEL' over prices"),
        ("by_column.html", "deepseek-deep</td>", "deepseek-swift</td>", "a column for each model"),
        ("by_row.html", "<th>MODEL(1)</th>", "<th>NAME</th>", "'MODEL' over prices"),
        ("by_row.html", "OUTPUT PRICE", "ANSWER PRICE", "columns of cache hit"),
        ("chinese.html", "元", "", "a table with a column or a row 'MODEL'"),
    ],
)  # fmt: skip
def test_a_page_that_changed_shape_is_an_error(page_of, page, old, new, expected):
    with pytest.raises(LayoutChanged, match=expected):
        list(read(page_of(page, (old, new))))


@pytest.mark.parametrize(
    ("old", "new", "reason", "n"),
    [
        ("1M OUTPUT TOKENS", "1M ANSWER TOKENS", "labels with cache hit", 1),
        ("$0.75", "£0.75", "a price for each of", 1),
        ("$0.75", "$0.75 / minute", "a price per tokens", 1),
        ("$0.75", "soon", "a price for each of", 1),
        ("$0.75", "$0.2", "input at most output", 3),  # all three prices of the model
        ("(CACHE HIT)", "(CACHE MISS)", "expected one input price", 4),
    ],
)
def test_a_row_that_cannot_be_told_is_rejected(page_of, old, new, reason, n):
    bad = [row for row in read(page_of("by_column.html", (old, new))) if isinstance(row, Rejected)]
    assert len(bad) == n
    assert all(reason in row.reason for row in bad)


def test_amounts_without_a_unit_on_the_page_are_rejected(page_of):
    page = page_of("by_column.html", ("per 1M tokens", "your choice"), (">1M ", ">"))
    assert all(isinstance(row, Rejected) and "a price per tokens" in row.reason for row in read(page))


def test_the_capture_of_8_may_2026_has_two_models_one_of_them_at_a_discount(captures, open_page):
    page = open_page(captures / SOURCE.id / "2026-05-08" / "pricing.html", SOURCE.urls[0], "2026-05-08")
    page.check_whole()
    assert prices(read(page)) == {
        ("deepseek-v4-flash", None): ("0.0028", "0.14", "0.28"),
        ("deepseek-v4-pro", None): ("0.003625", "0.435", "0.87"),
    }
    assert notes(read(page))["deepseek-v4-pro", "input", None] == (
        "DeepSeek-V4-Pro; 75% off; $1.74 without the discount"
    )


def test_a_footnote_on_a_discount_says_until_when_it_is_offered(page_of):
    found = [p for p in read(page_of("by_column.html")) if isinstance(p, Price)]
    ends = {(p.model_label, p.token_kind): p.ends_on for p in found}
    assert ends["deepseek-deep", "output"] == ends["deepseek-deep", "cached_input"] == date(2027, 5, 31)
    assert ends["deepseek-swift", "output"] is ends["deepseek-deep", "input"] is None


def test_a_footnote_on_a_label_says_from_when_its_prices_hold(page_of):
    note = "<p>(2) The price of cache hits was cut. It takes effect from 2027/4/26 12:15 UTC.</p><p>(3) deepseek-deep"
    found = [p for p in read(page_of("by_column.html", ("<p>(3) deepseek-deep", note))) if isinstance(p, Price)]
    starts = {(p.model_label, p.token_kind): p.effective_on for p in found}
    assert starts["deepseek-swift", "cached_input"] == date(2027, 4, 26)
    assert starts["deepseek-swift", "output"] is None


def test_a_day_that_is_none_tells_nothing(page_of):
    found = list(read(page_of("by_column.html", ("2027/05/31", "2027/13/45"))))
    assert {p.ends_on for p in found} == {None}


def test_thousands_of_tokens_on_a_label_win_over_the_millions_of_the_page(page_of):
    found = list(read(page_of("by_column.html", ("1M OUTPUT TOKENS", "1K OUTPUT TOKENS"))))
    assert {(p.token_kind, p.unit_original) for p in found} == {
        ("cached_input", "per_mtok"), ("input", "per_mtok"), ("output", "per_ktok"),
    }  # fmt: skip


def test_prices_of_a_service_tier_have_its_name(page_of):
    found = list(read(page_of("by_column.html", (">PRICING<", ">BATCH PRICING<"))))
    assert {p.tier for p in found} == {"batch"}
