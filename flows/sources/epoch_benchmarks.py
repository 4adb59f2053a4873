"""Epoch AI's benchmarking hub: its own runs of benchmarks, and boards it follows, as a zip of CSV files, one per benchmark.

A model stands as 'Model version', its setting after an underscore ('o3-2025-04-16_high'); where that is '_unknown', a board's
own 'Name' may still say that it was thinking. Own runs give the best score over scorers as a share of one, its standard error
and the day of the run; a board keeps its own words for its score. Where the archive says which column is the score and by what
it becomes a share of one (benchmark_metadata.csv, since 2026), that holds. Files with figures from papers and vendors' own
tables, mixed, are left out: nobody could tell who measured.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from flows import values
from flows.cells import Row, Table
from flows.csvtable import csv_table
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.tables import Page

SOURCE = Source(
    id="epoch_benchmarks",
    title="Epoch AI's benchmarking hub",
    kind="leaderboard",
    urls=("https://epoch.ai/data/benchmark_data.zip",),
    publisher="Epoch AI",
    licence="CC-BY-4.0",
    attribution="Epoch AI, 'AI Benchmarking Hub'. Published online at epoch.ai. Retrieved from https://epoch.ai/benchmarks",
    may_republish=True,
    min_rows=10,
    expects={"scores": Expect(unit="percent", low=0, high=100)},
    cadence=days(7),
    precedence=20,
)

log = logging.getLogger(__name__)
_OWN = ("Best score (across scorers)", "mean_score")
_SHARE, _PERCENT = Decimal(1), Decimal("0.01")


class Board(NamedTuple):
    """A file of the archive: its benchmark, the columns of score and standard error, and what makes the score a share."""

    benchmark_id: str
    score: tuple[str, ...] = _OWN
    error: str = "stderr"
    scale: Decimal = _SHARE
    variant: str | None = None


_BOARDS: Mapping[str, Board] = {
    "gpqa_diamond": Board("gpqa_diamond"),
    "math_level_5": Board("math_lvl_5"),
    "otis_mock_aime_2024_2025": Board("otis_mock_aime_2024_2025"),
    "frontiermath": Board("frontiermath_2025_02_28"),
    "frontiermath_tier_4": Board("frontiermath_tier_4"),
    "frontiermath_tiers_1_3_v2": Board("frontiermath_tiers_1_3_v2"),
    "frontiermath_tier_4_v2": Board("frontiermath_tier_4_v2"),
    "simpleqa_verified": Board("simpleqa_verified"),
    "swe_bench_verified": Board("swe_bench_verified_epoch"),
    "chess_puzzles": Board("chess_puzzles_epoch"),
    "aider_polyglot_external": Board("aider_polyglot", ("Percent correct",), scale=_PERCENT, variant="Edit format"),
    "arc_agi_external": Board("arc_agi_1", ("Score",)),
    "arc_agi_2_external": Board("arc_agi_2", ("Score",)),
    "hle_external": Board("hle", ("Accuracy",), "Accuracy Standard Error"),
    "simplebench_external": Board("simplebench", ("Score (AVG@5)",)),
    "weirdml_external": Board("weirdml", ("Accuracy",), "Accuracy SE"),
}
_PAPERS = "file of figures from papers and vendors, mixed"
_ELSEWHERE = "file of a board that is a source of its own"
_INDEX = "file of an index, or about the others"
_LEFT_OUT: Mapping[str, str] = {
    stem: reason
    for stems, reason in (
        ("mmlu gsm8k bbh hella_swag wino_grande piqa open_book_qa trivia_qa lambada bool_q arc_ai2 superglue", _PAPERS),
        ("common_sense_qa_2 adversarial_nli anli science_qa", _PAPERS),
        ("live_bench webdev_arena", _ELSEWHERE),
        ("benchmark_metadata model_metadata epoch_capabilities_index", _INDEX),
    )
    for stem in stems.split()
}
_FOLDERS = re.compile(r"(?:^|/)(?:epoch_capabilities_index|additional_eci_data)/")
_SETTING = re.compile(r"_(xhigh|high|medium|low|minimal|max|none|unknown|thinking|\d+[Kk])$")
_SETTINGS = {"none": " (no thinking)", "unknown": ""}


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the scores of every benchmark that is known here; each other file comes as one Rejected."""
    files = page.members(".csv")
    stated = _stated(files)
    left_out: Counter[str] = Counter()
    rows: list[Observation | Rejected] = []
    for name, member in sorted(files.items()):
        stem = name.rpartition("/")[2].removesuffix(".csv")
        if reason := _INDEX if _FOLDERS.search(name) else _LEFT_OUT.get(stem.removesuffix("_external")):
            left_out[reason] += 1
        elif stem not in _BOARDS:
            rows.append(
                _unknown(name, member, f"a file of a known benchmark ({', '.join(list(_BOARDS)[:3])}, ...)", stem)
            )
        else:
            rows += _scores(name, member, stated.get(f"{stem}.csv", {}), _BOARDS[stem], left_out)
    if not any(isinstance(row, Score) for row in rows):
        raise LayoutChanged(page.place, f"files such as {', '.join(list(_BOARDS)[:3])}.csv", f"{sorted(files)[:8]}")
    log.info("%s: left out: %s", page.place, ", ".join(f"{n} {reason}" for reason, n in left_out.most_common()))
    yield from rows


def _stated(files: Mapping[str, Page]) -> Mapping[str, Mapping[str, str]]:
    """Return what the archive itself says of its files: file name to column of the score and scale."""
    found: dict[str, Mapping[str, str]] = {}
    for name, member in files.items():
        if name.rpartition("/")[2] == "benchmark_metadata.csv":
            table = csv_table(member, having=("source_file", "score_column", "scale"))
            found |= {row["source_file"]: row.as_dict() for row in table.rows if row["source_file"]}
    return found


def _unknown(name: str, member: Page, expected: str, found: str) -> Rejected:
    return Rejected(
        table="scores",
        row_locator=f"{name} line 1",
        reason=f"{member.place}: expected {expected}; found {found!r}",
        cells={"header": member.text.partition("\n")[0][:500]},
    )


def _scores(
    name: str, member: Page, stated: Mapping[str, str], board: Board, left_out: Counter[str]
) -> list[Observation | Rejected]:
    """Return the scores of one file; one Rejected for the file if its columns are not as declared or stated."""
    try:
        table = csv_table(member, having=("Model version",))
    except LayoutChanged as error:
        return [_unknown(name, member, error.expected, error.found)]
    names = (stated.get("score_column") or "", *board.score)
    column = next((one for one in names if one and table.has(one)), None)
    scale = Decimal(stated["scale"]) if re.fullmatch(r"\d+(\.\d+)?", stated.get("scale") or "") else board.scale
    if column is None:
        return [_unknown(name, member, f"a column {' or '.join(map(repr, names))}", ", ".join(table.header)[:200])]
    rows: list[Observation | Rejected] = []
    for row in table.rows:
        try:
            if not row.has("Model version") or not row.has(column):
                left_out["row without a model or a score"] += 1
                continue
            rows.append(_score(name, row, column, board, scale))
        except BadRow as error:
            rows.append(
                Rejected(
                    table="scores",
                    row_locator=f"{name} line {row.line}",
                    reason=str(error),
                    model_label=row["Model version"],
                    cells={key: text[:200] for key, text in row.as_dict().items()},
                )
            )
    return rows + list(table.rejects("scores"))


def _score(name: str, row: Row, column: str, board: Board, scale: Decimal) -> Score:
    share = _share(row, column, scale)
    if not 0 <= share <= 1:
        raise BadRow(f"{row.place}, column {column!r}", f"a score that times {scale} is from 0 to 1", repr(row[column]))
    width = 196 * _share(row, board.error, scale) if _has(row, board.error) else None
    version = row.text("Model version")
    setting = _SETTING.search(version)
    is_thinking = (
        setting and setting[1] == "unknown" and _has(row, "Name") and re.search(r"\bthinking\b", row["Name"], re.I)
    )
    link = row["Log viewer"] if _has(row, "Log viewer") else ""
    return Score(
        model_label=_label(version, setting[1] if setting else None) + (" (thinking)" if is_thinking else ""),
        row_locator=f"{name} line {row.line}",
        source_url=link if link.startswith("https://") else None,
        notes="its setting of reasoning is not known" if setting and setting[1] == "unknown" else None,
        benchmark_id=board.benchmark_id,
        variant=row[board.variant] if board.variant and _has(row, board.variant) else None,
        score=float(100 * share),
        ci_low=None if width is None else float(100 * share - width),
        ci_high=None if width is None else float(100 * share + width),
        ci_level=None if width is None else 0.95,
        measured_on=row.date("Started at") if _has(row, "Started at") else None,
    )


def _has(row: Row, column: str) -> bool:
    table: Table = row.table
    return table.has(column) and row.has(column)


def _share(row: Row, column: str, scale: Decimal) -> Decimal:
    """Return a figure as a share of one, exactly: '85.3%' says its own scale."""
    text = row[column]
    try:
        return values.read_decimal(text.removesuffix("%")) * (_PERCENT if text.endswith("%") else scale)
    except ValueError as error:
        raise BadRow(f"{row.place}, column {column!r}", str(error), repr(text)) from None


def _label(version: str, setting: str | None) -> str:
    """Return the model's name with its setting in brackets: 'o3-2025-04-16 (high)', 'claude-opus-4-6 (120K thinking)'."""
    if setting is None:
        return version
    words = _SETTINGS.get(setting, f" ({setting})" if not setting[0].isdigit() else f" ({setting} thinking)")
    return version.removesuffix(f"_{setting}") + words
