"""The arenas of Chatbot Arena (LMArena, since 2026 Arena): one benchmark per arena, category and kind of rating.

Ratings of two arenas come from other prompts and other voters, and ratings with style control (length and markup of an
answer taken out of its rating) stand on another scale than those without: none of them may be compared.
"""

from __future__ import annotations

import re

ARENAS = frozenset(
    {"text", "code", "webdev", "copilot", "vision", "search", "document", "agent", "text-to-image", "image-edit"}
    | {"text-to-video", "image-to-video", "video-edit"}
)
STYLED = frozenset({"text", "vision"})  # rated with style control unless the address says otherwise
RATING_LOW, RATING_HIGH = 200, 2500
LEVEL = 0.95  # of every interval of the site: the columns that name a level say 95 %
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def benchmark_of(arena: str, category: str = "overall", *, is_styled: bool) -> str:
    """Return the benchmark of an arena's category, rated with style control or without."""
    parts = [
        "lmarena",
        arena,
        *([] if category == "overall" else [category]),
        *(["style-control"] if is_styled else []),
    ]
    return "_".join(parts).replace("-", "_")


def arena_of(words: str) -> str | None:
    """Return the arena that a heading names ('Text Arena', 'WebDev', 'Text-to-Image Arena'), None if it names none."""
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\b(?:arena|leaderboard)\b", "", words.casefold())).strip("-")
    return slug if slug in ARENAS else None


def is_slug(word: str) -> bool:
    """Return whether a part of an address can be the name of an arena or category."""
    return _SLUG.fullmatch(word) is not None
