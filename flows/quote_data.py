"""Quote a line of a CSV file, a value of a JSON text or an object of a payload, with the words that hold a figure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from flows import payload
from flows.columns import csv_rows
from flows.tables import Page
from flows.values import squash

MOST = 400  # characters of a quotation
_STEP = re.compile(r"\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]")
_NUMBER = re.compile(r"[-+\u2212]?(?:\d[\d,\u202f\u00a0' ]*)?\.?\d+(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Place:
    """A place on a page: what kind of place, its words, and the cells (or values) that hold the figure, with their names."""

    kind: str
    words: str
    cells: tuple[tuple[str, str], ...] = ()
    note: str | None = None


def lines_of(text: str) -> list[str]:
    """Return the lines of a text as the readers count them."""
    return re.split(r"\r\n|\r|\n", text)


def numbers_in(text: str) -> set[Decimal]:
    """Return the numbers a text shows, thousands signs taken off; '3,5' is both 35 and 3.5."""
    found = set()
    for match in _NUMBER.finditer(text):
        raw = match[0].replace("\u2212", "-")
        for plain in (re.sub(r"[,\u202f\u00a0' ]", "", raw), raw.replace(",", ".") if raw.count(",") == 1 else ""):
            try:
                found.add(Decimal(plain))
            except InvalidOperation:
                continue
    return found


def _holds(text: str, figure: Any, times: Decimal = Decimal(1)) -> bool:
    if isinstance(figure, bool) or figure is None:
        return False
    if not isinstance(figure, int | float | Decimal):
        return str(figure).casefold() == squash(text).casefold()
    wanted = Decimal(str(figure)) * times
    return any(n == wanted or (wanted and abs(n / wanted - 1) < Decimal("1e-9")) for n in numbers_in(text))


def matching(cells: Iterable[tuple[str, str]], figures: Iterable[Any]) -> list[tuple[str, str]]:
    """Return the cells that show one of the figures as it is, else as a share of one for a hundred or the other way."""
    kept, wanted = list(cells), [f for f in figures if f is not None]
    for times in (Decimal(1), Decimal("0.01"), Decimal(100)):
        found = [(name, text) for name, text in kept if any(_holds(text, figure, times) for figure in wanted)]
        if found:
            return found
    return []


def printable(text: str) -> str:
    """Return a text with every character that is not printable written as its escape: a page may send terminal codes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def crop(words: str, cells: Sequence[tuple[str, str]]) -> str:
    """Return the words, of a long quotation its start and what stands round the figure."""
    words = words.strip()
    if len(words) <= MOST:
        return words
    at = next((words.find(text) for _, text in cells if text and words.find(text) > MOST - 100), -1)
    if at < 0:
        return f"{words[:MOST]} ..."
    return f"{words[: MOST // 2]} ... {words[max(MOST // 2, at - 100) : at + 100].strip()} ..."


# --- Files and data ---------------------------------------------------------------------------------------------------


def line_place(
    page: Page, number: int, figures: Mapping[str, Any], names: Sequence[str] = (), title: str = ""
) -> Place:
    """Quote a line; of a CSV file, the cells under the figure's own name, else those that show it.

    Of other pages, as many lines as it takes to come to the figure, from the `title` on if there is one.
    """
    if page.body[:4] == b"PAR1":
        from flows.import_rows import file_rows

        return _record_place("Parquet file", dict(file_rows(page.body, page.url))[number], "", figures, names)
    lines = lines_of(page.text)
    if _is_csv(page):
        record = next(row for line, row in csv_rows(page.text, page.place) if line == number)
        return _record_place("CSV file", record, lines[number - 1], figures, names)
    words = squash(re.sub(r"<[^<>]*>", " ", lines[number - 1]))
    words = words[max(0, words.find(title)) :]
    for line in lines[number : number + 40]:
        if matching([("", words)], figures.values()):
            break
        words = squash(f"{words} {re.sub(r'<[^<>]*>', ' ', line)}")
    found = _around(words, figures)
    cells = (("", found),) if found else ()
    return Place("page", crop(words, cells), cells)


def _around(words: str, figures: Mapping[str, Any]) -> str:
    """Return the few words round a figure."""
    for match in _NUMBER.finditer(words):
        if any(_holds(match[0], figure) for figure in figures.values()):
            return words[max(0, match.start() - 40) : match.end() + 20].strip()
    return ""


def _is_csv(page: Page) -> bool:
    return (page.content_type or "").startswith("text/csv") or page.url.partition("?")[0].lower().endswith(".csv")


def _record_place(
    kind: str, record: Mapping[Any, Any], line: str, figures: Mapping[str, Any], names: Sequence[str]
) -> Place:
    cells = [(str(k), "" if v is None else str(v)) for k, v in record.items() if k is not None]
    named = [(k, text) for k, text in cells if k in names and text]
    found = named or matching(cells, figures.values())
    return Place(kind, crop(line or ", ".join(f"{k}: {v}" for k, v in cells if v), found), tuple(found))


def member_place(page: Page, name: str, line: int, figures: Mapping[str, Any], names: Sequence[str]) -> Place:
    """Quote a line of a file inside a zip file."""
    members = page.members(PurePosixPath(name).suffix)
    found = [member for key, member in members.items() if key == name or key.endswith(f"/{name}")]
    if len(found) != 1:
        raise ValueError(f"{len(found)} files called {name} in the zip file")
    return replace(line_place(found[0], line, figures, names), kind=f"{name} in the zip file")


def payload_place(page: Page, row: str, path: str, figures: Mapping[str, Any]) -> Place:
    """Quote a value at a path in a row of the page's flight stream ('row 35'), or in one of its JSON scripts ('script 1')."""
    kind, _, name = row.partition(" ")
    if kind == "row":
        text = next(t for key, t, is_text in payload.flight_rows(page.payload) if key == name and not is_text)
    else:
        text = list(payload.json_scripts(page.root))[int(name) - 1]
    return replace(json_place(text, path, figures), kind="script payload")


def json_place(text: str, path: str, figures: Mapping[str, Any]) -> Place:
    """Quote the value at an RFC 9535 normalized path, digits as they stand, with the object it belongs to."""
    value: Any = json.loads(text, parse_float=_Digits)
    above, at = [value], 1
    while at < len(path):
        step = _STEP.match(path, at)
        if not step:
            raise ValueError(f"{path} is no path of names and numbers")
        value = value[int(step[2]) if step[2] is not None else _unescaped(step[1])]
        above.append(value)
        at = step.end()
    if isinstance(value, dict | list):
        return object_place("JSON", value, figures)
    entries = [below for over, below in pairwise(above) if isinstance(over, list) and isinstance(below, dict)]
    entry = entries[-1] if entries else above[min(1, len(above) - 2)]
    cells = ((path, value if isinstance(value, str) else _dump(value)),)
    return Place("JSON", crop(_dump(entry), cells), cells)


class _Digits(float):
    """A number of a JSON text that remembers its digits."""

    def __new__(cls, text: str) -> _Digits:
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def _unescaped(key: str) -> str:
    return str(json.loads('"' + key.replace("\\'", "'").replace('"', '\\"') + '"'))


def _dump(value: Any) -> str:
    """Return a value as JSON, its numbers with the digits they were read from."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_dump(str(key))}: {_dump(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dump, value)) + "]"
    return value.text if isinstance(value, _Digits) else json.dumps(value, ensure_ascii=False)


def object_place(kind: str, value: Any, figures: Mapping[str, Any]) -> Place:
    """Quote an object, with the values in it that are one of the figures."""
    cells = matching(_scalars(value), figures.values())
    return Place(kind, crop(_dump(value), cells), tuple(cells))


def _scalars(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _scalars(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _scalars(item, f"{name}[{n}]")
    else:
        yield name, value if isinstance(value, str) else _dump(value)
