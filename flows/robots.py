"""Read robots.txt as RFC 9309 has it; the standard library's parser knows no wildcards and takes the first rule, not the longest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

MAX_BYTES = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB are read; what is over is not
_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")


@dataclass
class Rules:
    """The rules that hold for one crawler: pairs of (path pattern, whether it may be fetched), and the delay it asks for."""

    rules: list[tuple[str, bool]] = field(default_factory=list)
    delay_seconds: float = 0.0

    def allows(self, url: str) -> bool:
        """Return whether the address may be fetched: the longest pattern decides, and of two as long the one that allows."""
        parts = urlsplit(url)
        path = _plain((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        hits = [(len(pattern), allowed) for pattern, allowed in self.rules if _matches(pattern, path)]
        return max(hits)[1] if hits else True


def parse(text: str, product: str) -> Rules:
    """Return the rules of all groups that name the product (such as 'llm-convergence'), else of those for everyone."""
    groups: dict[str, Rules] = {}
    for agents, key, value in _lines(text, {product.lower(), "*"}):
        for agent in agents:
            rules = groups.setdefault(agent, Rules())
            if key in ("allow", "disallow") and value:
                rules.rules.append((_plain(value), key == "allow"))
            elif key == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value):
                rules.delay_seconds = float(value)
    return groups.get(product.lower()) or groups.get("*") or Rules()


def _lines(text: str, wanted: set[str]) -> Iterator[tuple[set[str], str, str]]:
    """Yield (which of the wanted crawlers it speaks to, key, value) of each line."""
    agents: set[str] = set()
    was_agent = False
    for line in text.removeprefix("\ufeff").splitlines():
        if not (match := _LINE.match(line)):
            continue
        key, value = match[1].lower(), match[2].strip()
        if key == "user-agent":
            agents = (agents if was_agent else set()) | (wanted & {value.lower().split("/")[0]})
        was_agent = key == "user-agent" or (was_agent and key not in ("allow", "disallow", "crawl-delay"))
        yield agents, key, value


def _plain(path: str) -> str:
    """Write a path in one way, whichever characters were percent-encoded."""
    return quote(unquote(path), safe="/?&=*$:;,@!+'()~-._")


def _matches(pattern: str, path: str) -> bool:
    """Match a pattern with * (anything) and a closing $ (the end) from the start of the path, in time linear in its pieces."""
    at_end = pattern.endswith("$")
    first, *pieces = (pattern[:-1] if at_end else pattern).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if at_end and pieces:
        last = pieces.pop()
        if len(path) - len(last) < at or not path.endswith(last):
            return False
        path = path[: len(path) - len(last)]
    elif at_end:
        return path == first
    for piece in pieces:
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True
