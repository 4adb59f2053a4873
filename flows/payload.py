"""Read the data that a page's scripts carry: the flight stream of Next.js, or JSON scripts.

A flight stream is a list of rows `id:value`, cut into chunks anywhere, also within a character's escape. Text rows (`id:T`,
length in hexadecimal bytes) hold words of the page, which are not data.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

_PUSH = re.compile(r'__next_f(?:\s*\|\|\s*\[\]\s*\))?\s*\.\s*push\(\s*\[\s*([13])\s*,\s*(?=")')
_ROW = re.compile(rb"([0-9a-f]{1,8}):")
_TEXT = re.compile(rb"T([0-9a-f]{1,8}),")
_FLIGHT = re.compile(r'\s*[0-9a-f]{1,8}:(?:[\[{"]|[A-Z]{1,2}[\[{"]|T[0-9a-f]+,|null\b|true\b|false\b)')
_JSON_TYPES = ("application/json", "application/ld+json")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)


def is_flight(text: str) -> bool:
    """Return whether the text is a flight stream as a server answers it to the header `RSC: 1`."""
    return bool(_FLIGHT.match(text))


def flight_of(text: str) -> str:
    """Return the flight stream that the scripts of a page push, chunk by chunk; empty if there is none."""
    chunks: list[str] = []
    for match in _PUSH.finditer(text):
        chunk = _string_at(text, match.end())
        chunks.append(_decode(chunk) if match[1] == "3" else chunk)
    return mend("".join(chunks))


def _decode(chunk: str) -> str:
    try:
        return base64.b64decode(chunk, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def _string_at(text: str, at: int) -> str:
    """Return the script string that begins at a quote; empty if it does not end."""
    decoder = json.JSONDecoder(strict=False)
    try:
        return str(decoder.raw_decode(text, at)[0])
    except ValueError:
        match = _STRING.match(text, at)
        if not match:
            return ""
    try:
        return str(json.loads(_ESCAPE.sub(_as_json, match[0]), strict=False))
    except ValueError:
        return ""


def _as_json(match: re.Match[str]) -> str:
    """Return an escape that scripts know and JSON does not as one that both know."""
    if match[3]:
        return match[0] if match[3] in '"\\/bfnrtu' else json.dumps(match[3])[1:-1]
    return json.dumps(chr(min(int(match[1] or match[2], 16), 0x10FFFF)))[1:-1]


def mend(text: str) -> str:
    """Return the text with the two halves of a character joined; half a character alone becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def mend_all(value: Any) -> Any:
    """Return a JSON value with every string in it mended."""
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [mend_all(item) for item in value]
    if isinstance(value, dict):
        return {mend(key): mend_all(item) for key, item in value.items()}
    return value


def flight_rows(stream: str) -> Iterator[tuple[str, str, bool]]:
    """Yield id, content and whether it is text, of each row of a flight stream; stray lines have no id."""
    data, at = stream.encode("utf-8", "replace"), 0
    while at < len(data):
        row = _ROW.match(data, at)
        start = row.end() if row else at
        text = _TEXT.match(data, start) if row else None
        if text:
            end = text.end() + int(text[1], 16)
            yield row[1].decode() if row else "", data[text.end() : end].decode("utf-8", "replace"), True
            at = end + (data[end : end + 1] == b"\n")
            continue
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield row[1].decode() if row else "", data[start:end].decode("utf-8", "replace"), False
        at = end + 1


def json_scripts(root: Any) -> Iterator[str]:
    """Yield the content of the JSON scripts of a parsed page, such as __NEXT_DATA__."""
    for script in root.iter("script"):
        kind = (script.get("type") or "").split(";")[0].strip().lower()
        if kind in _JSON_TYPES and script.text and script.text.strip():
            yield script.text.strip()
