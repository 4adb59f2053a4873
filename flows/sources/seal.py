"""Scale's SEAL leaderboards: private and expert-made evaluations, each score with its 95 % interval.

Two shapes: the plain tables of 2024 (Model | Score | 95% Confidence, one board or several to a page), read here,
and the Next.js pages of labs.scale.com, read in _seal_payload.py. A list or table belongs to the board that the page's
address names, else to the one that its own title or heading names; one that cannot be told is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.sources._seal_boards import BOARDS, Board, check_apart, check_score, check_unit, choose_board
from flows.sources._seal_payload import LEVEL, has_rows, read_payload
from flows.tables import Page, Row, Table
from flows.values import is_missing, squash

# Where archives hold the boards of the past. These addresses lead elsewhere today, so they are not fetched.
ARCHIVED_URLS = (
    "https://scale.com/leaderboard",
    *(f"https://scale.com/leaderboard/{board.slug}" for board in BOARDS.values() if not board.is_live),
)

SOURCE = Source(
    id="seal",
    title="SEAL leaderboards: Scale's private, expert-made evaluations",
    kind="leaderboard",
    urls=tuple(f"https://labs.scale.com/leaderboard/{board.slug}" for board in BOARDS.values() if board.is_live),
    publisher="Scale AI",
    licence="none stated (all rights reserved)",
    may_republish=False,
    min_rows=3,
    expects={"scores": Expect(low=0, high=3000)},  # percent, Elo and counts; each board's own range is checked as read
    cadence=days(7),
)

_MODEL = ("Model", "Models", "Model Name")
_SCORE = ("Score", "Elo", "Elo Score", "Rating", "Accuracy", "Violations", "Number of Violations", "# of Violations")


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the scores of every board on the page."""
    tables = page.find(having=(_MODEL, _SCORE))
    has_entries = re.search(r'"entries"\s*:', page.payload) is not None
    if has_entries and (not tables or any(map(has_rows, page.payload_values("entries")))):
        yield from read_payload(page)
    else:
        yield from _read_tables(page, tables)


def _read_tables(page: Page, tables: list[Table]) -> Iterator[Observation | Rejected]:
    differ: dict[str, Table] = {}
    for table in tables:  # the same table once more, for small screens, says nothing new
        differ.setdefault(repr((table.headings[-1:], [[c.text for c in row.cells] for row in table.rows])), table)
    tables, is_alone = list(differ.values()), len(differ) == 1
    boards = [choose_board(page, [*t.headings[-1:], t.caption], (), is_alone=is_alone) for t in tables]
    check_apart(page, boards)
    if not tables:
        there = "; ".join(str(t.header) for t in page.tables[:8]) or "no table, and no payload with entries"
        raise LayoutChanged(page.place, "tables with Model and Score", there)
    for board, table in zip(boards, tables, strict=True):
        yield from _read_table(board, table)


def _read_table(board: Board, table: Table) -> Iterator[Observation | Rejected]:
    column = next((name for name in table.header if LEVEL.search(name)), None)
    level = LEVEL.search(column or "")
    if column is None or level is None or not table.rows:
        there = f"{len(table.rows)} rows, {table.header}"
        raise LayoutChanged(table.place, "rows, and a column such as '95% Confidence'", there)

    def parse(row: Row) -> Iterator[Observation]:
        score = row.percent(_SCORE, sign=False) if board.unit == "percent" else row.number_in(_SCORE)
        low, high = row.interval(column, score) if row.has(column) else (None, None)
        widths = (None, None) if low is None or high is None else (score - low, high - score)
        check_score(row.place, board, score, *widths)
        name = _name(row)
        yield Score(
            model_label=name.rstrip("* "),
            row_locator=row.locator,
            benchmark_id=board.benchmark_id,
            score=score,
            ci_low=low,
            ci_high=high,
            ci_level=None if low is None else float(level[1]) / 100,
            is_contaminated=name.endswith("*"),  # in 2024 the mark warned that the model's vendor had seen the prompts
        )

    rows = list(table.read(parse, into="scores", label=_MODEL))
    check_unit(table.page, board, [row.score for row in rows if isinstance(row, Score)])
    yield from rows


def _name(row: Row) -> str:
    """Return the model's name, with its `*`, without the badges beside it ('3rd', 'New', a leading rank)."""
    cell = row.cell(_MODEL)
    parts = [cell.text]
    if cell.element is not None:
        texts = cell.element.xpath(".//text()[not(ancestor::svg or ancestor::style or ancestor::script)]")
        parts = [words for text in texts if (words := squash(text))] or parts
    if len(parts) > 1 and re.fullmatch(r"#?\d+\.?", parts[0]):
        parts = parts[1:]
    named = [part for part in parts if not re.fullmatch(r"\d+(?:st|nd|rd|th)|new", part, re.I)]
    name = _without_rank(_without_badge(" ".join(named), row), row)
    if is_missing(name.strip("* ")):
        raise BadRow(f"{row.place}, column 'Model'", "a model's name", repr(cell.text))
    return name


def _without_badge(name: str, row: Row) -> str:
    """Cut off a rank that the name runs into: '3rdGPT-4o'; in '3rdo1' only if the row is the third."""
    match = re.fullmatch(r"(\d{1,3})(st|nd|rd|th)(\S.*)", name)
    if not match or match[1].startswith("0") or _ordinal(int(match[1])) != match[2]:
        return name
    rank = int(match[1])
    fits = rank == row.number or (rank <= len(row.table.rows) and match[3][0].isupper())
    return match[3] if fits else name


def _without_rank(name: str, row: Row) -> str:
    """Cut off a rank that runs into the name: 'GPT-4o3rd'; of 'Claude 31st' in a table of 13 only the 1 can be one."""
    match = re.fullmatch(r".+?(\d+)(st|nd|rd|th)", name)
    if not match:
        return name
    n_rows = len(row.table.rows)
    ends = {match[1][-1:], match[1][-2:]}
    fits = [e for e in ends if e[0] != "0" and int(e) <= n_rows and _ordinal(int(e)) == match[2]]
    if len(fits) > 1:
        raise BadRow(f"{row.place}, column 'Model'", "a name and a rank that can be told apart", repr(name))
    return name.removesuffix(fits[0] + match[2]).rstrip() if fits else name


def _ordinal(n: int) -> str:
    return "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
