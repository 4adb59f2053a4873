"""Turn bytes into text: by what they are, what the server says, what the page says, in this order."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^<>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Browsers read these names as the wider Windows code pages (WHATWG Encoding Standard, section 4.2).
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_TEXT_CODECS = re.compile(
    r"utf_?-?(?:8|16|32)|cp\d+|iso\d+|iso2022|gb|big5|euc|shift|koi8|mac|tis|johab|hz|ascii|latin|windows"
)
SNIFF = 4096


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of a body, whatever its encoding; a byte that fits none becomes U+FFFD, a NUL is dropped.

    Bytes that are valid UTF-8 are UTF-8 whatever is declared, except for the encodings that write everything in ASCII.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(name, "replace"))
    declared = [name for name in (_of_header(content_type), _of_page(body)) if name]
    wide = _without_mark(body)
    candidates = [wide] if wide else [name for name in declared if name.startswith(("iso2022", "hz"))]
    for name in [*candidates, "utf-8", *declared]:
        try:
            return _clean(body.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    if "utf-8" in declared or _is_mostly_utf8(body):
        return _clean(body.decode("utf-8", "replace"))
    return _clean(body.decode(declared[0] if declared else "cp1252", "replace"))


def _clean(text: str) -> str:
    return text.replace("\0", "").removeprefix("\ufeff")


def _of_header(content_type: str | None) -> str | None:
    match = _HEADER.search(content_type or "")
    return _known(match[1]) if match else None


def _of_page(body: bytes) -> str | None:
    match = _DECLARED.search(body[:SNIFF])
    return _known(match[1].decode("ascii", "replace")) if match else None


def _known(name: str) -> str | None:
    """Return Python's name of a text encoding, None if there is no such one."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(found, found) if _TEXT_CODECS.match(found) else None


def _without_mark(body: bytes) -> str | None:
    """Return the UTF-16 that markup without a byte order mark shows by its NULs."""
    start = body[:SNIFF].lstrip(b" \r\n\t\0")[:64]
    if len(start) < 8 or start.count(0) < len(start) // 3:
        return None
    return "utf-16-le" if body[1:2] == b"\0" else "utf-16-be"


def _is_mostly_utf8(body: bytes) -> bool:
    """Return whether the bytes beyond ASCII form valid UTF-8 but for a few."""
    broken = body.decode("utf-8", "replace").count("\ufffd")
    beyond = len(body) - len(body.decode("ascii", "ignore"))
    return broken * 5 < beyond
