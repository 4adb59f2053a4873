"""Read a page: every table, markdown or HTML, becomes labelled cells; a payload inside a script comes through the same door.

A table is found by its header and by what stands over it, never by its position. Pages are hostile: size, spans and
nesting are bounded and nothing is executed. Rows know their line, so that a figure leads back to the line on the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flows import gates, payload, zipped
from flows.cells import Cell, Name, Row, Table, short
from flows.encodings import decode
from flows.errors import BadRow, LayoutChanged
from flows.grid import html_tables
from flows.markdown import markdown_tables
from flows.markup import labelled_values, parse_html, text_of
from flows.records import Observation, Rejected

__all__ = ["MAX_BYTES", "Cell", "Name", "Page", "Row", "Table", "labelled_values", "text_of"]

MAX_BYTES = 32 * 1024 * 1024
MAX_PAYLOAD_TIMES = 20  # so many times may the values under a key, one inside the other, be as long as the payload
_DOCUMENT = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_NOT_PROSE = re.compile(r"<(?:!--|(script|style|pre|textarea)\b)", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"^(?:#{1,6} +\S|(?:```|~~~)|\|?[ :]*-{3,}[ :]*\|[-| :]*$|[ \t]*[-*] +\[[^\[\]\n]*\]\()", re.MULTILINE
)


@dataclass
class Page:
    """A captured page: its bytes, where and when it was taken, and doors to its tables and payloads."""

    body: bytes
    url: str
    captured_at: datetime
    content_type: str | None = None

    @property
    def place(self) -> str:
        """Name the page and the day it was captured."""
        return f"{self.url} ({self.captured_at:%Y-%m-%d})"

    @cached_property
    def text(self) -> str:
        """Return the page as text; LayoutChanged if it is empty or over the size limit."""
        if len(self.body) > MAX_BYTES:
            raise LayoutChanged(self.place, f"at most {MAX_BYTES:,} bytes", f"{len(self.body):,} bytes")
        text = decode(self.body, self.content_type)
        if not text.strip():
            raise LayoutChanged(self.place, "a page", "an empty body")
        return text

    @cached_property
    def is_markdown(self) -> bool:
        """Return whether the page is markdown, by its content: a reader service answers markdown under any name."""
        start = self.text.lstrip()
        if _DOCUMENT.match(start) or re.search(r"^\s*<(?:!doctype html|html)\b", start[:2000], re.I | re.M):
            return False
        if not start.startswith("<"):
            return True
        prose = _without_scripts(start)
        return not _DOCUMENT.search(prose[:5000]) and bool(_MARKDOWN.search(prose))

    @cached_property
    def root(self) -> Any:
        """Return the parsed document (lxml)."""
        return parse_html(self.text, self.place)

    @cached_property
    def json(self) -> Any:
        """Return the page as JSON; LayoutChanged if it is none, or not to its end."""
        try:
            return payload.mend_all(json.loads(self.text)) if "\\ud" in self.text.lower() else json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise LayoutChanged(self.place, "JSON to its end", f"{error} in {len(self.text):,} characters") from None

    def members(self, suffix: str = "") -> dict[str, Page]:
        """Return the files of a zip archive whose names end so, each as a page; LayoutChanged if it is none, or too large."""
        if len(self.body) > MAX_BYTES:
            raise LayoutChanged(self.place, f"at most {MAX_BYTES:,} bytes", f"{len(self.body):,} bytes")
        kind = "text/csv" if suffix.lower().endswith(".csv") else None
        unpacked = zipped.unpack(self.body, self.place, suffix)
        return {name: Page(body, f"{self.url}#{name}", self.captured_at, kind) for name, body in unpacked.items()}

    def check_whole(self) -> None:
        """Raise BlockedPage if a gate answered, LayoutChanged if the body is empty or cut off."""
        gates.check_whole(self)

    @cached_property
    def tables(self) -> list[Table]:
        """Return every table of the page, in order."""
        return list(markdown_tables(self) if self.is_markdown else html_tables(self, self.root))

    def find(self, *, having: Sequence[Name], heading: str | None = None) -> list[Table]:
        """Return the tables with all these columns and, if given, a heading (regular expression) over them."""
        return [
            t
            for t in self.tables
            if all(t.has(name) for name in having)
            and (heading is None or any(re.search(heading, words, re.I) for words in (*t.headings[-2:], t.caption)))
        ]

    def table(self, *, having: Sequence[Name], heading: str | None = None) -> Table:
        """Return the one table that fits; LayoutChanged, with what is there, if none or several do."""
        found = self.find(having=having, heading=heading)
        if len(found) != 1:
            under = f" under {heading!r}" if heading else ""
            wanted = f"one table with columns {', '.join(map(repr, having))}{under}"
            there = "; ".join(f"{t.headings[-1] if t.headings else 'no heading'}: {t.header}" for t in self.tables[:8])
            raise LayoutChanged(
                self.place, wanted, f"{len(found)} among {len(self.tables)} tables ({short(there or 'none')})"
            )
        return found[0]

    @cached_property
    def payload(self) -> str:
        """Return the data a script carries: a Next.js flight stream unescaped, an RSC answer, or the JSON scripts."""
        if stream := payload.flight_of(self.text):
            return stream
        if payload.is_flight(self.text):
            return self.text
        return "" if self.is_markdown else "\n".join(payload.json_scripts(self.root))

    @cached_property
    def _data(self) -> str:
        """Return the payload without the text rows of a flight stream, whose words are no data."""
        if not payload.is_flight(self.payload):
            return self.payload
        return "\n".join(content for _, content, is_text in payload.flight_rows(self.payload) if not is_text)

    def payload_values(self, key: str) -> list[Any]:
        """Return every JSON value that stands under `key` in the payload, in order; LayoutChanged if there is none."""
        mark = re.compile(rf'"{re.escape(key)}"\s*:\s*')
        data = self._data if mark.search(self._data) else self.payload
        decoder, found = json.JSONDecoder(), []
        left = MAX_PAYLOAD_TIMES * len(data)
        for match in mark.finditer(data):
            try:
                value, end = decoder.raw_decode(data, match.end())
            except (ValueError, RecursionError):
                expected = f"a JSON value under {key!r} in the payload"
                raise LayoutChanged(self.place, expected, data[match.start() : match.start() + 80]) from None
            found.append(payload.mend_all(value) if "\\u" in data[match.end() : end] else value)
            left -= end - match.end()
            if left < 0:
                raise LayoutChanged(self.place, f"values under {key!r} beside each other", "too many inside each other")
        if not found:
            size = f"a payload of {len(self.payload):,} characters without it"
            raise LayoutChanged(self.place, f"{key!r} in the page's payload", size)
        return found

    def read_values(
        self,
        items: Iterable[Any],
        parse: Callable[[Any, str], Iterable[Observation]],
        *,
        into: str,
        label: str,
        at: str,
    ) -> Iterator[Observation | Rejected]:
        """Yield what `parse(item, locator)` makes of each payload item; what it cannot read comes as Rejected."""
        for n, item in enumerate(items):
            locator = f"{at}[{n}]"
            try:
                if not isinstance(item, dict):
                    raise BadRow(f"{self.place}, {locator}", "an object", repr(item)[:80])
                yield from list(parse(item, locator))
            except (BadRow, ArithmeticError, KeyError, TypeError, ValueError) as error:
                cells = {str(k): str(v) for k, v in item.items()} if isinstance(item, dict) else {"value": str(item)}
                reason = str(error) if isinstance(error, BadRow) else f"{self.place}, {locator}: {_said(error)}"
                yield Rejected(
                    table=into, row_locator=locator, reason=reason, model_label=cells.get(label), cells=cells
                )


def _said(error: Exception) -> str:
    return f"expected field {error}" if isinstance(error, KeyError) else f"expected {error}"


def _without_scripts(text: str) -> str:
    """Return the text without comments, scripts, styles and preformatted parts; one left open reaches to the end."""
    kept, at = [], 0
    while match := _NOT_PROSE.search(text, at):
        kept.append(text[at : match.start()])
        end = re.compile(f"</{match[1]}" if match[1] else "-->", re.IGNORECASE).search(text, match.end())
        if not end:
            return "".join(kept)
        at = end.end()
    return "".join(kept) + text[at:]
