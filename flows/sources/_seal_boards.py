"""The SEAL boards: which benchmark each fills, how its scores look, and how a page says which board it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flows.errors import BadRow, LayoutChanged
from flows.tables import Page


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard: its name in the address, the benchmark it fills, and what its scores look like.

    `parts` are words (regular expressions) that name a part of the board, and the board that this part is. A board that
    is not `is_live` is read where an archive has it, but not fetched.
    """

    slug: str
    benchmark_id: str
    unit: str = "percent"
    higher_is_better: bool = True
    is_live: bool = True
    has_calibration: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)


_PRO = {r"\bpublic\b": "swe_bench_pro_public", r"\b(?:private|commercial)\b": "swe_bench_pro_private"}
_V2 = {r"\bfull\b": "swe_bench_pro_public_v2", r"\bhard\b": "swe_bench_pro_public_v2_hard"}
_DECLARED = (
    # The boards of 2024; adversarial robustness counts violations.
    Board("coding", "seal_coding", unit="elo", is_live=False),
    Board("instruction_following", "seal_instruction_following", is_live=False),
    Board("math", "seal_math", is_live=False),
    Board("spanish", "seal_spanish", unit="elo", is_live=False),
    Board("adversarial_robustness", "seal_adversarial_robustness", unit="count", higher_is_better=False, is_live=False),
    # A multilingual board of December 2024 by human preference, as Spanish is.
    Board("arabic", "seal_arabic", unit="elo", is_live=False),
    # labs.scale.com. V2 took the place of the first SWE-Bench Pro board in September 2026 and has its HARD part beside it.
    Board("humanitys_last_exam", "hle", has_calibration=True),
    Board("humanitys_last_exam_text_only", "hle_text_only", has_calibration=True),
    Board("humanitys_last_exam_preview", "seal_hle_preview", has_calibration=True, is_live=False),
    Board("swe_bench_pro_public", "swe_bench_pro_public", parts=_PRO, is_live=False),
    Board("swe_bench_pro_private", "swe_bench_pro_private", parts=_PRO),
    Board("swe_bench_pro_commercial", "swe_bench_pro_private", parts=_PRO, is_live=False),
    Board("swe_bench_pro_public_v2", "swe_bench_pro_public_v2", parts=_V2),
    Board("swe_bench_pro_public_v2_hard", "swe_bench_pro_public_v2_hard", parts=_V2, is_live=False),
    Board("multichallenge", "seal_multichallenge"),
    Board("enigma_eval", "seal_enigma_eval"),
    Board("mask", "seal_mask"),
    Board("multinrc", "seal_multinrc"),
    Board("vtb", "seal_visual_tool_bench"),
    Board("visual_language_understanding", "seal_vista"),
    Board("tool_use_chat", "seal_tool_use_chat"),
    Board("tool_use_enterprise", "seal_tool_use_enterprise"),
    Board("mcp_atlas", "seal_mcp_atlas"),
    Board("sweatlas-qna", "seal_swe_atlas_qna"),
    Board("sweatlas-refactoring", "seal_swe_atlas_refactoring"),
    Board("sweatlas-tw", "seal_swe_atlas_test_writing"),
    Board("prbench-finance", "seal_prbench_finance"),
    Board("prbench-legal", "seal_prbench_legal"),
    Board("tutorbench", "seal_tutorbench"),
    # The same conversations: answered in text, and by models that answer in speech.
    Board("audiomc", "seal_audio_multichallenge"),
    Board("audiomc-audio", "seal_audio_multichallenge_speech"),
    Board("rli", "seal_remote_labor_index"),
    Board("hil", "seal_hil_bench"),
    Board("drugdiscoverybench", "seal_drug_discovery_bench"),
    Board("scipredict", "seal_scipredict"),
    # Lower is better: the average risk of the answers; the share of scenarios in which a forbidden tool is used.
    Board("fortress", "seal_fortress", higher_is_better=False),
    Board("propensitybench", "seal_propensitybench", higher_is_better=False),
)
BOARDS: Mapping[str, Board] = {board.slug: board for board in _DECLARED}
_TITLES = {re.sub(r"[_-]", "", slug): slug for slug in BOARDS} | {
    "vista": "visual_language_understanding",
    "visualtoolbench": "vtb",
    "remotelaborindex": "rli",
    "remotelaborindexrli": "rli",
    "hilbench": "hil",
    "hilbenchhumaninloopbenchmark": "hil",
    "sweatlascodebaseqna": "sweatlas-qna",
    "sweatlastestwriting": "sweatlas-tw",
}
_RANGES = {"percent": (0.0, 100.0), "elo": (100.0, 3000.0), "count": (0.0, 100_000.0)}


def choose_board(page: Page, own: Sequence[str], over: Sequence[str], *, is_alone: bool) -> Board:
    """Return the board of a list or table, by the page's address and the words that stand in it and over it.

    Where the address names the board, words only choose among its parts (pages link to other boards by their titles),
    and a list that `is_alone` needs none. LayoutChanged if the board is not declared, or the part cannot be told.
    """
    slug = _slug(page)
    if slug is None:
        found = next((BOARDS[_TITLES[key]] for words in (*own, *over[:1]) if (key := _key(words)) in _TITLES), None)
    else:
        words = own if is_alone else (*own, *over)
        found = next((part for w in words if (part := _part(BOARDS[slug], w))), BOARDS[slug] if is_alone else None)
    if found is None:
        wanted = f"one list of {slug}, or its parts by name" if slug else f"a board of {', '.join(BOARDS)}"
        raise LayoutChanged(page.place, wanted, f"a list or table headed {' / '.join((*own, *over)[:5])!r}")
    return found


def _slug(page: Page) -> str | None:
    """Return the board that the address names, None on a page of several; LayoutChanged if it is not declared."""
    match = re.search(r"/leaderboards?/([\w-]+)/?(?:[?#]|$)", page.url)
    if match and match[1] not in BOARDS:
        raise LayoutChanged(page.place, f"a board of {', '.join(BOARDS)}", f"the board {match[1]!r}")
    return match[1] if match else None


def _key(words: str) -> str:
    """Return a title as it is looked up: 'Coding →' and 'EnigmaEval Leaderboard' without marks and blanks."""
    return re.sub(r"[^a-z0-9]|leaderboard", "", words.casefold())


def _part(board: Board, words: str) -> Board | None:
    """Return the part of a board that the words name, None if they name none or more than one."""
    found = {slug for pattern, slug in board.parts.items() if re.search(pattern, words.replace("_", " "), re.I)}
    return BOARDS[found.pop()] if len(found) == 1 else None


def check_apart(page: Page, boards: Iterable[Board]) -> None:
    """Raise LayoutChanged if two lists claim the same benchmark."""
    ids = [board.benchmark_id for board in boards]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise LayoutChanged(page.place, "one list to a board", f"several that differ for {', '.join(twice)}")


def check_unit(page: Page, board: Board, scores: Sequence[float]) -> None:
    """Raise LayoutChanged if percentages came as fractions."""
    if board.unit == "percent" and scores and max(scores) <= 1 and any(scores):
        found = f"none above {max(scores):g}: fractions"
        raise LayoutChanged(page.place, f"percentages of {board.slug} from 0 to 100", found)


def check_score(place: str, board: Board, score: float, minus: float | None, plus: float | None) -> None:
    """Raise BadRow if the score lies outside its unit's range, or its interval is a bound and not a half-width."""
    low, high = _RANGES[board.unit]
    if not (math.isfinite(score) and low <= score <= high):
        raise BadRow(place, f"a score from {low:g} to {high:g} ({board.unit})", f"{score:g}")
    for width in (minus, plus):
        if width is not None and (width < 0 or (board.unit != "count" and width > 5 and width >= score)):
            raise BadRow(place, f"the half-width of an interval round {score:g}", f"{width:g}")
