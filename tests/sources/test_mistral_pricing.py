"""Mistral's price page: offers in the script payload, the dollar price of each, nothing that is no language model."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources.mistral_pricing import SOURCE, read


def prices(items):
    """Return input and output as text, by model, a currency behind what is not in dollars; nothing may be rejected."""
    table = {}
    for price in items:
        assert isinstance(price, Price), price.reason
        assert (price.provider_id, price.unit_original, price.tier) == ("mistral", "per_mtok", None)
        cells = table.setdefault(price.model_label, {})
        assert price.token_kind not in cells
        other = "" if price.currency == "USD" else f" {price.currency}"
        cells[price.token_kind] = f"{price.amount_original}{other}"
    return {label: (cells.get("input"), cells.get("output")) for label, cells in table.items()}


EXPECTED = {
    "Mistral Vast 9": ("0.5", "1.5"),
    "Devstral 9": ("0.4", "2"),
    "Mistral Euro 2": ("0.2 EUR", "0.6 EUR"),
    "Voxtral Small": ("0.1", "0.3"),
    "Mistral Lab": ("0", "0"),
}


def test_every_language_model_of_the_payload_is_read_once(page_of):
    page = page_of("pricing.html")
    page.check_whole()
    assert prices(read(page)) == EXPECTED


def test_the_locator_is_a_path_into_the_payload_and_the_note_names_the_endpoint(page_of):
    found = {(p.model_label, p.token_kind): p for p in read(page_of("pricing.html"))}
    euro = found["Mistral Euro 2", "output"]
    assert euro.row_locator == "payload row 36, $[3]['apis'][1]['price'][1]"
    assert euro.notes == "endpoint mistral-euro"
    assert found["Mistral Lab", "input"].notes == "endpoint labs-mistral; free"


def test_the_stream_may_also_come_unescaped_or_in_a_json_script(page_of, open_page):
    page = page_of("pricing.html")
    assert prices(read(open_page(page.payload))) == EXPECTED
    rows = [row.partition(":")[2] for row in page.payload.splitlines() if row.startswith("3")]
    script = f'<html><body><p>x</p><script type="application/json">[{",".join(rows)}]</script></body></html>'
    assert prices(read(open_page(script))) == EXPECTED


def test_a_reader_services_markdown_is_read_by_its_cards(page_of):
    assert prices(read(page_of("reader.md"))) == {"Mistral Vast 9": ("0.5", "1.5"), "Devstral 9": ("0.4", "2")}


@pytest.mark.parametrize(
    "changes",
    [
        [('\\"price\\":', '\\"cost\\":')],
        [("price_dollar", "amount"), ("price_euro", "sum")],
        [("__next_f", "__other")],
        [('\\"name\\":', '\\"heading\\":')],
    ],
)
def test_a_payload_of_another_shape_is_an_error(page_of, changes):
    with pytest.raises(LayoutChanged, match="offers with a name and prices"):
        list(read(page_of("pricing.html", *changes)))


def test_a_payload_cut_off_inside_an_offer_is_an_error(page_of, open_page):
    text = page_of("pricing.html").payload
    with pytest.raises(LayoutChanged, match="JSON in payload row 36"):
        list(read(open_page(text[: text.index("Voxtral")])))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<p>$0.5</p>", "<p>$0.6</p>", "expected one input price of 'Mistral Vast 9'"),  # two lists that disagree
        ("<p>$0.3</p>", "<p>$0.3 or $0.4</p>", "one amount of money"),
        ("<p>$0.3</p>", "<p>£0.3</p>", "US dollars, euro or yuan"),
        ("<p>$0.3</p>", "<p>$0.03</p>", "input at most output"),
        ("Input (per min / per M tok)", "Input", "a price per tokens, the unit"),
        ("Input (per min / per M tok)", "Prompt (/M tokens)", "a label with input or output"),
        (
            'price_dollar\\": \\"<p>$0.3</p>\\", \\"price_euro',
            'cost\\": \\"<p>$0.3</p>\\", \\"cost_euro',
            "an amount under",
        ),
    ],
)
def test_an_offer_that_cannot_be_told_is_rejected(page_of, old, new, reason):
    bad = [row for row in read(page_of("pricing.html", (old, new))) if isinstance(row, Rejected)]
    assert bad and all(reason in row.reason for row in bad)
    assert {row.model_label for row in bad} in ({"Voxtral Small"}, {"Mistral Vast 9"})


def test_the_capture_of_8_may_2026_has_21_models(captures, open_page):
    page = open_page(captures / SOURCE.id / "2026-05-08" / "pricing.html", SOURCE.urls[0], "2026-05-08")
    page.check_whole()
    assert prices(read(page)) == {
        "Mistral Medium 3.5": ("1.5", "7.5"),
        "Devstral 2": ("0.4", "2"),
        "Mistral Large 3": ("0.5", "1.5"),
        "Mistral Small 4": ("0.15", "0.6"),
        "Devstral Small 2": ("0.1", "0.3"),
        "Codestral": ("0.3", "0.9"),
        "Leanstral": ("0", "0"),  # 'API endpoint: Free'
        "Mistral Small 3.2": ("0.1", "0.3"),
        "Magistral Medium": ("2", "5"),
        "Magistral Small": ("0.5", "1.5"),
        "Ministral 3 - 3B": ("0.1", "0.1"),
        "Ministral 3 - 8B": ("0.15", "0.15"),
        "Ministral 3 - 14B": ("0.2", "0.2"),
        "Voxtral Small": ("0.1", "0.3"),  # text; audio is priced by the minute
        "Voxtral Mini": ("0.04", "0.04"),
        "Pixtral Large": ("2", "6"),
        "Pixtral 12B": ("0.15", "0.15"),
        "Mistral NeMo": ("0.15", "0.15"),
        "Mistral 7B": ("0.25", "0.25"),
        "Mixtral 8x7B": ("0.7", "0.7"),
        "Mixtral 8x22B": ("2", "6"),
    }


def test_a_label_that_names_a_service_tier_gives_the_price_its_tier(page_of):
    page = page_of("pricing.html", ("Input (/M tokens)", "Batch input (/M tokens)"))
    found = {(p.token_kind, p.tier) for p in read(page) if isinstance(p, Price) and p.model_label == "Devstral 9"}
    assert found == {("input", "batch"), ("output", None)}


def test_the_least_of_several_prices_is_none(page_of):
    items = read(page_of("pricing.html", ("$$0.4", "from $0.4")))
    (bad,) = [item for item in items if isinstance(item, Rejected)]
    assert bad.model_label == "Devstral 9"
    assert "expected a price, not the least or the most of several" in bad.reason
