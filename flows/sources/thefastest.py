"""TheFastest.ai: how fast each provider answers, one request per model and day from each of several regions.

A region's run has time, region, command and results; a result has the model as 'provider/model' (Azure with its own region),
time to the first token, tokens per second after it, tokens and total time. A failed request carries an error and stand-in
figures; 999 tokens per second is the benchmark's cap, for answers whose tokens came all at once. Runs on images, sound, video or tools
are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Source, Speed, days
from flows.tables import Page

SOURCE = Source(
    id="thefastest",
    title="TheFastest.ai: speed of providers, measured daily",
    kind="speeds",
    urls=("https://thefastest.ai/data/latest.json",),
    publisher="Fixie.ai",
    licence="MIT",
    may_republish=True,
    attribution="thefastest.ai by Fixie.ai (MIT)",
    min_rows=20,
    expects={"speeds": Expect(low=0.05, high=999, max_ratio=100, max_vanished=0.8, max_shrink=0.8)},
    cadence=days(1),
    precedence=10,
)

CAP = 999  # tps = min((num_tokens - 1) / token_time, 999) in fixie-ai/ai-benchmarks, llm_request.py (2024)
_PROVIDERS: Mapping[str, str] = {"octo.ai": "octoai", "endpoints.ai.cloud.ovh.net": "ovhcloud", "fixie.ai": "fixie"}
_DOMAIN = re.compile(r"\.(?:com|ai|co|net|io|xyz)$")
_MODE = re.compile(r"--mode[= ](\w+)")


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one speed for each model that answered in each region's run on text."""
    runs = page.json if isinstance(page.json, list) else [page.json]
    for n, run in enumerate(runs):
        if run is None:
            continue  # a region without a file that day
        at = f"$[{n}]" if isinstance(page.json, list) else "$"
        region, day, results = _run(run, f"{page.place}, {at}")
        mode = _MODE.search(str(run.get("cmd") or ""))
        if mode is None or mode[1] == "text":
            yield from _read_run(results, page, f"{at}['results']", region, day)


def _run(run: Any, place: str) -> tuple[str, date, list[Any]]:
    """Return region, day and results of a run; LayoutChanged if it has another shape."""
    if not isinstance(run, dict) or not isinstance(run.get("results"), list) or not run["results"]:
        found = sorted(run) if isinstance(run, dict) else repr(run)[:80]
        raise LayoutChanged(place, "a run with time, region and a list of results", str(found))
    region = run.get("region")
    try:
        day = values.read_date(str(run.get("time")))
    except ValueError as error:
        raise LayoutChanged(place, str(error), repr(run.get("time"))) from None
    if not isinstance(region, str) or not region:
        raise LayoutChanged(place, "a region", repr(region))
    return region, day, run["results"]


def _read_run(results: list[Any], page: Page, at: str, region: str, day: date) -> Iterator[Observation | Rejected]:
    if not any(isinstance(item, dict) and {"model", "tps", "ttft"} <= item.keys() for item in results):
        raise LayoutChanged(f"{page.place}, {at}", "results with model, tps and ttft", repr(results[0])[:200])

    def parse(item: dict[str, Any], locator: str) -> Iterator[Speed]:
        if item.get("error") or not item.get("num_tokens"):
            return  # the request failed, or nothing was answered: its figures stand for none
        provider, model, where = _names(item["model"], locator)
        ttft, tps = _seconds(item, "ttft", locator), _rate(item, locator)
        has_rate = tps != CAP and item["num_tokens"] > 1
        yield Speed(
            model_label=model,
            row_locator=locator,
            provider_id=provider,
            statistic="single",
            tokens_per_second=tps if has_rate else None,
            ttft_seconds=ttft,
            region=f"{region}, {where}" if where else region,
            prompt_tokens=item.get("input_tokens") or None,
            measured_on=day,
            notes=f"one request, {item['num_tokens']} output tokens, rate after the first"
            + ("" if has_rate else "; no rate: the tokens came all at once"),
        )

    yield from page.read_values(results, parse, into="speeds", label="model", at=at)


def _names(text: Any, place: str) -> tuple[str, str, str | None]:
    """Return provider, model and Azure's region of 'azure.eastus2/gpt-4-1106-preview'."""
    provider, _, model = text.partition("/") if isinstance(text, str) else ("", "", "")
    if not provider or not model:
        raise BadRow(place, "a model as 'provider/model'", repr(text))
    if match := re.fullmatch(r"azure\.(\w+)", provider):
        return "azure", model, f"azure {match[1]}"
    return _PROVIDERS.get(provider) or _DOMAIN.sub("", provider), model, None


def _seconds(item: Mapping[str, Any], key: str, place: str) -> float:
    value = item[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise BadRow(place, f"seconds in {key}", repr(value))
    return float(value)


def _rate(item: Mapping[str, Any], place: str) -> float:
    """Return tokens per second; BadRow if tokens and times give another rate: a field changed its unit or meaning."""
    tps = _seconds(item, "tps", place)
    span = _seconds(item, "total_time", place) - _seconds(item, "ttft", place)
    expected = min((item["num_tokens"] - 1) / span, CAP) if span > 0 else CAP
    if not 0.5 * expected <= tps <= 2 * max(expected, 0.01):
        raise BadRow(place, f"about {expected:.3g} tokens per second by tokens and times", str(tps))
    return tps
