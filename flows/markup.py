"""Read the words of HTML as a reader sees them, without recursion and in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flows.errors import LayoutChanged
from flows.values import squash

# What says nothing to a reader, or nothing that is data.
UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "button", "select", "option"})
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li"}
    | {
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
_STRUCK = frozenset({"del", "s", "strike"})
_GAP = "\x1e"  # parts blocks; white space like any other to `squash`
_DISPLAY_NONE = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def parse_html(source: str, place: str) -> Any:
    """Return the root of a parsed document (lxml); LayoutChanged where the parser had to give up."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        raise LayoutChanged(place, "a page with elements", "none") from None
    for entry in parser.error_log:
        if entry.level_name == "FATAL" and "xcessive depth" in entry.message:
            raise LayoutChanged(
                place, "elements nested within reason", f"on line {entry.line}: {entry.message.strip()}"
            )
    return root


def text_of(element: Any, *, without: frozenset[str] = frozenset(), buttons: bool = False) -> str:
    """Return the text a reader sees in an element: blocks part words; scripts, inputs and hidden parts are silent.

    `without` leaves out the elements of these tags; `buttons` counts the words on buttons.
    """
    unseen = (UNSEEN - {"button"} if buttons else UNSEEN) | without
    return squash("".join(_in_order(element, unseen)))


def _in_order(element: Any, unseen: frozenset[str]) -> Iterator[str]:
    """Yield the visible pieces of text below an element, in document order, without recursion."""
    stack: list[tuple[Any, bool]] = [(element, False)]
    while stack:
        node, done = stack.pop()
        if done:
            if node is not element:
                if node.tag in BLOCKS or node.tag in _STRUCK:
                    yield _GAP
                yield node.tail or ""
            continue
        stack.append((node, True))
        if node is not element and (not isinstance(node.tag, str) or node.tag in unseen or is_hidden(node)):
            continue
        if node.tag in BLOCKS or node.tag in _STRUCK or node.tag in ("sub", "sup"):
            yield _GAP
        yield node.text or ""
        stack.extend((child, False) for child in reversed(node))


def blocks_of(element: Any) -> list[str]:
    """Return the text a reader sees, block by block."""
    pieces = "".join(_in_order(element, UNSEEN - {"button"})).split(_GAP)
    return [text for piece in pieces if (text := squash(piece))]


def labelled_values(element: Any) -> dict[str, str]:
    """Return label to value of '<strong>Label:</strong> value' items (li, p, dt/dd, div) below an element."""
    found: dict[str, str] = {}
    for mark in element.iter("strong", "b", "dt"):
        label = squash(mark.text_content()).rstrip(":").rstrip()
        if label:
            found[label] = squash(_value_after(mark)).lstrip(":").strip()
    return found


def _value_after(mark: Any) -> str:
    """Return what stands between a label and the next label of the same parent."""
    if mark.tag == "dt":
        beside = mark.getnext()
        return text_of(beside) if beside is not None and beside.tag == "dd" else ""
    words = [mark.tail or ""]
    for beside in mark.itersiblings():
        if beside.tag in ("strong", "b"):
            break
        words += [" " if beside.tag in BLOCKS else "", text_of(beside), beside.tail or ""]
    return "".join(words)


def is_hidden(element: Any) -> bool:
    """Return whether the element hides itself (attribute `hidden`, or display:none in its style)."""
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _DISPLAY_NONE.search(style))
