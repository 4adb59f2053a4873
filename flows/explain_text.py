"""Print an explanation in plain words. What a page says is hostile: nothing of it reaches the terminal but printable characters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flows.explain import Evidence, Explained, Explanation
from flows.quote_data import printable

MOST_SHOWN = 12  # observations under one figure


def as_text(explanation: Explanation) -> Iterator[str]:
    """Yield the lines for a reader."""
    yield f"{explanation.table}: {_pairs(explanation.keys or explanation.row)}"
    if explanation.by_hand:
        yield f"  {_pairs({k: v for k, v in explanation.row.items() if k not in explanation.keys})}"
        yield f"This row is {explanation.by_hand}."
    elif not explanation.figures:
        yield "No page is under this row: it says something of the runs themselves."
    for figure in explanation.figures:
        yield ""
        yield from _figure(figure, "")
    if explanation.computed:
        yield ""
        computed = {c: explanation.row[c] for c in explanation.computed}
        rounded = {c: f"{v:.6g}" if isinstance(v, float) else v for c, v in computed.items()}
        yield f"Worked out from these figures: {_pairs(rounded)}"
        yield f"How is told in {explanation.how}"


def as_json(explanation: Explanation) -> str:
    """Return it as JSON in ASCII, so that no character of a page acts on a terminal."""
    return json.dumps(explanation.as_json(), indent=1, default=_plain)


def _figure(figure: Explained, indent: str) -> Iterator[str]:
    head = _pairs(figure.values)
    if figure.rows:
        made = "worked out from" if figure.is_aggregate else "is that of"
        yield f"{indent}{head} {made} {len(figure.rows)} {'row' if len(figure.rows) == 1 else 'rows'} of {figure.origins}:"
        for row, below in zip(figure.rows, figure.figures, strict=False):
            yield f"{indent}  {_pairs({k: v for k, v in row.items() if k != 'table'})}"
            yield from _figure(below, indent + "    ")
        return
    n = len(figure.evidence)
    if n == 0:
        yield f"{indent}{head}: no observation is under it in {figure.origins or 'the published tables'}"
    elif figure.is_aggregate or n > 1:
        yield f"{indent}{head} worked out from {n} {'row' if n == 1 else 'rows'} of {figure.origins}:"
    else:
        yield f"{indent}{head}" if head else f"{indent}{figure.origins}"
    for evidence in figure.evidence[:MOST_SHOWN]:
        yield from _evidence(evidence, indent + "  ", is_one_of_many=n > 1)
    if n > MOST_SHOWN:
        yield f"{indent}  ... and {n - MOST_SHOWN} more: --json has all"


def _evidence(evidence: Evidence, indent: str, *, is_one_of_many: bool) -> Iterator[str]:
    row, capture, place = evidence.row, evidence.capture, evidence.place
    if is_one_of_many:
        yield f"{indent}- {printable(str(row.get('model_label') or ''))}"
        indent += "  "
    if place:
        yield f"{indent}{'the line' if place.words else 'place'}:  {printable(place.words or place.note or '')}"
        for name, text in place.cells:
            yield f"{indent}the cell:  {printable(f'{name}: ' if name else '')}{printable(text)}"
        if place.words and not place.cells and evidence.reading:
            yield f"{indent}           (no cell shows the figure as such: the reader worked it out)"
        if place.words and place.note:
            yield f"{indent}           ({printable(place.note)})"
    if converted := _converted(row):
        yield f"{indent}in words:  {printable(converted)}"
    if row.get("row_locator"):
        yield f"{indent}where:     {printable(row['row_locator'])}{f' ({place.kind})' if place and place.words else ''}"
    if capture:
        yield f"{indent}page:      {printable(capture['url'])}"
        if row.get("source_url") not in (None, capture["url"]):
            yield f"{indent}           which takes it from {printable(row['source_url'])}"
        yield f"{indent}captured:  {capture['captured_at']:%Y-%m-%d %H:%M} UTC, as source {capture['source_id']}"
        yield f"{indent}archived:  {capture['archive_file']}, from byte {capture['archive_offset']}"
        if capture.get("body_in"):
            yield f"{indent}           (the same body as before, kept in {capture['body_in']})"
        yield f"{indent}           sha256 of the page {capture['body_sha256']}"
    elif row.get("source_url"):
        yield f"{indent}source:    {printable(row['source_url'])} (kept by hand in warehouse/reference)"
    if evidence.problem:
        yield f"{indent}missing:   {printable(evidence.problem)}"
    if evidence.reading:
        yield f"{indent}checked:   {printable(evidence.reading)}"


def _converted(row: Mapping[str, Any]) -> str | None:
    """Say how a price was converted, where the page does not have it in US dollars per million tokens."""
    if row.get("amount_original") is None or (row["currency"], row["unit_original"]) == ("USD", "per_mtok"):
        return None
    unit = {"per_token": "per token", "per_ktok": "per thousand tokens"}.get(row["unit_original"], "per million tokens")
    rate = f" at {_shown(row['fx_rate'])} US dollars each" if row["currency"] != "USD" else ""
    amount = f"{_shown(row['amount_original'])} {row['currency']} {unit}{rate}"
    return f"{amount} is {_shown(row['usd_per_mtok'])} US dollars per million tokens"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {printable(_shown(value))}" for name, value in values.items() if value is not None)


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return repr(value) if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value != value.to_integral_value() else int(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
