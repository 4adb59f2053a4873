"""What the price feeds share: paths into JSON, providers under one name, exact amounts."""

import csv
import json
from decimal import Decimal

import pytest

from flows.errors import BadRow, LayoutChanged
from flows.sources import litellm, llm_prices
from flows.sources._feeds import amount_of, load, over, path, provider_of
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("gpt-4", "input_cost_per_token"), "$['gpt-4']['input_cost_per_token']"),
        (("data", 3, "pricing"), "$['data'][3]['pricing']"),
        (("it's", 'a "name"', "a\\b", "line\nend"), "$['it\\'s']['a \"name\"']['a\\\\b']['line\\nend']"),
    ],
)
def test_a_path_is_normalized_as_rfc_9535_has_it(keys, expected):
    assert path(*keys) == expected


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("vertex_ai-language-models", "vertex"),
        ("vertex_ai-llama_models", "vertex"),
        ("google-vertex-anthropic", "vertex"),
        ("bedrock_converse", "bedrock"),
        ("amazon-bedrock", "bedrock"),
        ("text-completion-openai", "openai"),
        ("z.ai", "zai"),
        ("Google AI Studio", "google"),
        ("alibaba-cn", "alibaba-cn"),  # another service with other prices
        ("Some New Host!", "some-new-host"),
        ("", "unstated"),
    ],
)
def test_a_provider_has_one_name_here_and_an_unknown_one_keeps_its_own(name, provider):
    assert provider_of(name) == provider


def test_numbers_keep_the_digits_of_the_file(open_page):
    value = load(open_page('{"a": 1.5e-07, "b": 110.00000000000001, "c": 3}'))
    assert value == {"a": Decimal("1.5E-7"), "b": Decimal("110.00000000000001"), "c": 3}
    for text in ('{"a": 1', "", "<html></html>"):
        with pytest.raises(LayoutChanged):
            load(open_page(text))


@pytest.mark.parametrize("value", [True, [], {}, "cheap", "1 dollar", "-2", -0.5, float("nan"), "1e999"])
def test_what_is_no_price_is_a_bad_row(value):
    with pytest.raises(BadRow):
        amount_of(value, "$")


@pytest.mark.parametrize("tokens", [True, "200k", 200.5, 0, None, [1], 272_000_000])
def test_a_threshold_is_a_whole_number_of_thousands(tokens):
    assert (over(272_000, "$"), over(Decimal("256000.0"), "$")) == ("context>272k", "context>256k")
    with pytest.raises(BadRow):
        over(tokens, "$")


def test_every_provider_of_the_captures_is_registered(captures, open_page):
    with (ROOT / "warehouse" / "reference" / "providers.csv").open(encoding="utf-8", newline="") as handle:
        known = {row["provider_id"] for row in csv.DictReader(handle)}
    found = set()
    for reader in (litellm, llm_prices):
        for file in sorted((captures / reader.SOURCE.id).glob("*/*.json")):
            found |= {price.provider_id for price in reader.read(open_page(file))}
    assert {"openai", "vertex", "moonshotai", "unstated"} <= found <= known
    assert "openrouter" in known


@pytest.mark.parametrize(
    ("exchanged", "told"),
    [
        (("input_cost_per_token", "output_cost_per_token"), "prices of output at or above those of input"),
        (("input_cost_per_token", "cache_read_input_token_cost"), "prices of input at or above those of cached_input"),
    ],
)
def test_a_feed_whose_fields_were_exchanged_is_an_error(open_page, exchanged, told):
    entry = {"mode": "chat", "litellm_provider": "heron", "input_cost_per_token": 1e-6, "output_cost_per_token": 4e-6}
    feed = {f"heron-{n}": entry | {"cache_read_input_token_cost": 5e-7} for n in range(3)}
    assert len(list(litellm.read(open_page(json.dumps(feed))))) == 9
    one, other = exchanged
    swapped = json.dumps(feed).replace(one, "kept").replace(other, one).replace("kept", other)
    with pytest.raises(LayoutChanged, match=told):
        list(litellm.read(open_page(swapped)))
