"""Read the tables of a markdown page: pipe tables (GitHub's extension) and HTML tables between them.

What stands in comments, fences and code spans is no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

from flows.cells import EMPTY, Cell, Row, Table
from flows.errors import LayoutChanged
from flows.values import squash

if TYPE_CHECKING:
    from flows.tables import Page

_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_HEADING = re.compile(r"\s{0,3}(#{1,6})(?:\s+|$)(.*)")
_HTML_HEADING = re.compile(r"\s*<h([1-6])\b[^<>]*>(.*)</h\1\s*>\s*", re.IGNORECASE)
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})\s*")
_FENCE = re.compile(r"\s*(?:>\s?|[-*]\s+)*(`{3,}|~{3,})(.*)")
_QUOTE = re.compile(r"\s*(?:>\s?)+")
_BLOCK_TAG = re.compile(r"</?(?:br|hr|p|div|li|ul|ol|td|tr|del|s|su[bp])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TABLE_TAG = re.compile(r"<(/?)table\b", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
MAX_CELLS = 2_000_000
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
_REFERENCE = re.compile(r"\[([^\[\]]*)\]\[[^\W\d][\w -]*\]")  # [MMLU][mmlu], but not the notes [1][2]
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,30});", re.I)
_MARKED = re.compile(r"[\\<\[*_~`&]")
_SHELTER = 0xE000  # escaped characters wait in the private use area while markup is taken off


def plain(text: str) -> str:
    """Return markdown without its markup: links keep their words, escapes their character."""
    if not _MARKED.search(text):
        return squash(text)
    text = _shelter(text)
    text = _TAG.sub("", _BLOCK_TAG.sub(" ", text))
    text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub(" ", text)))
    text = re.sub(r"(\*{2,4}|__)(?=\S)((?:(?!\1).)+)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])", r"\1", text)
    text = re.sub(r"(?<!\w)_([^_\s][^_]*)_(?!\w)", r"\1", text)
    text = re.sub(r"~~([^~]*)~~", r" \1 ", text)
    text = re.sub(r"`+([^`]*)`+", r"\1", text)
    return squash(_restore(_ENTITY.sub(lambda match: unescape(match[0]), text)))


def _shelter(text: str) -> str:
    """Return the text with escaped characters out of sight of what looks for markup."""
    return _ESCAPED.sub(lambda match: chr(_SHELTER + ord(match[1])), text)


def _restore(text: str) -> str:
    return re.sub("[\ue021-\ue07e]", lambda match: chr(ord(match[0]) - _SHELTER), text)


def _split(line: str) -> list[Cell]:
    """Return the cells of a row; an escaped pipe parts nothing."""
    cells, start = [], 0
    line = _QUOTE.sub("", line, count=1).strip() if line.lstrip().startswith(">") else line.strip()
    line = line.removeprefix("|")
    for match in re.finditer(r"\\.|\|", line):
        if match[0] == "|":
            cells.append(line[start : match.start()])
            start = match.end()
    if line[start:].strip() or not cells:
        cells.append(line[start:])
    return [Cell(plain(cell), links=_links(cell)) for cell in cells]


def _links(text: str) -> tuple[str, ...]:
    """Return the words of the links in a cell."""
    if "](" not in text:
        return ()
    return tuple(_restore(plain(words)) for words in _LINK.findall(_IMAGE.sub(" ", _shelter(text))))


def _lines_seen(text: str) -> list[str]:
    """Return the lines with comments and fenced code made blank, so that every line keeps its number."""
    lines, fence = [], ""
    in_comment = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        match = None if in_comment else _FENCE.fullmatch(line)
        if fence:
            closes = match and match[1].startswith(fence) and not match[2].strip()
            fence = "" if closes else fence
            lines.append("")
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            fence = match[1]
            lines.append("")
        else:
            seen, in_comment = _without_comments(line, in_comment)
            lines.append(seen)
    return lines


def _without_comments(line: str, inside: bool) -> tuple[str, bool]:
    """Return what of a line stands outside comments, and whether a comment is open at its end."""
    kept, at = [], 0
    while at < len(line):
        mark = "-->" if inside else "<!--"
        found = line.find(mark, at)
        if not inside:
            kept.append(line[at:] if found < 0 else line[at:found])
        if found < 0:
            break
        at, inside = found + len(mark), not inside
    return "".join(kept), inside


class _Reader:
    """Walks the lines of a page and keeps what stands over the next table."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = _lines_seen(page.text)
        self.headings: dict[int, str] = {}
        self.over: list[str] = []
        self.before: list[str] = []
        self.number = 1
        self.cells_left = MAX_CELLS
        self.may_open = True

    def open(self, level: int, words: str) -> None:
        """Take a heading; those at its level and below end."""
        words = plain(words)
        self.headings = {n: w for n, w in self.headings.items() if n < level} | {level: words}
        self.over = []
        self.before.append(words)

    def stand_over(self, table: Table) -> None:
        """Give a table what stands over it, and forget the text."""
        table.headings = tuple(self.headings[n] for n in sorted(self.headings))
        table.over, table.before = tuple(self.over), tuple(self.before)
        self.over, self.before = [], []

    def tables(self) -> Iterator[Table]:
        """Yield the tables in order."""
        at = 0
        while at < len(self.lines):
            if self._is_html(at):
                end = self._end_of_html(at)
                if end is not None:
                    yield from self._html(at, end)
                    at = end + 1
                    continue
            elif self._is_pipe_table(at):
                table, at = self._pipe_table(at)
                yield table
                continue
            at += self._read_line(at)

    def _read_line(self, at: int) -> int:
        """Take a line that is no table as a heading or as text; return how many lines it was."""
        line = self.lines[at]
        if match := _HEADING.fullmatch(line):
            words = match[2].rstrip()
            bare = words.rstrip("#")
            self.open(len(match[1]), bare if not bare or bare[-1].isspace() else words)
        elif match := _HTML_HEADING.fullmatch(line):
            self.open(int(match[1]), match[2])
        elif self._is_underlined(at):
            self.open(1 if "=" in self.lines[at + 1] else 2, line)
            return 2
        elif words := plain(line):
            self.over.append(words)
            self.before.append(words)
        return 1

    def _is_underlined(self, at: int) -> bool:
        """Return whether a line is a heading by the line of = or - under it, and a paragraph of its own."""
        after = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        starts = not self.lines[at - 1].strip() if at else True
        words = self.lines[at].strip()
        return bool(words) and starts and words[0] not in "|->*" and bool(_UNDERLINE.fullmatch(after))

    def _is_pipe_table(self, at: int) -> bool:
        rule = self.lines[at + 1] if at + 1 < len(self.lines) and "|" in self.lines[at] else ""
        rule = _QUOTE.sub("", rule, count=1) if rule.lstrip().startswith(">") else rule
        return "-" in rule and "|" in rule and bool(_RULE.fullmatch(rule.strip()))

    def _pipe_table(self, at: int) -> tuple[Table, int]:
        """Return the table whose header is line `at`, and the number of the line after it."""
        head = _split(self.lines[at])
        start, end = at + 2, at + 2
        while end < len(self.lines) and "|" in self.lines[end] and not _HEADING.fullmatch(self.lines[end]):
            end += 1
        self._spend(len(head) * (end - start), at)
        body = [_split(line) for line in self.lines[start:end]]
        if body and not any(cell.text for cell in head):  # a table without a header, converted: its first row is it
            head, body, start = body[0], body[1:], start + 1
        filled = max((n for cells in body for n, cell in enumerate(cells, 1) if cell.text), default=0)
        width = max(len(head), filled)
        self._spend((width - len(head)) * (end - start), at)
        head += [EMPTY] * (width - len(head))
        paths: list[tuple[str, ...]] = [(cell.text,) if cell.text else () for cell in head]
        table = Table(self.page, self.number, at + 1, (), (), "", paths)
        self.stand_over(table)
        for n, cells in enumerate(body, 1):
            if [cell.text.casefold() for cell in cells] != [cell.text.casefold() for cell in head]:
                laid = (cells + [EMPTY] * (width - len(cells)))[:width]
                table.rows.append(Row(table, laid, n, start + n))
        self.number += 1
        return table, end

    def _spend(self, cells: int, at: int) -> None:
        self.cells_left -= cells
        if self.cells_left < 0:
            raise LayoutChanged(self.page.place, f"tables of at most {MAX_CELLS:,} cells", f"more, on line {at + 1}")

    def _is_html(self, at: int) -> bool:
        return (
            self.may_open and "<" in self.lines[at] and bool(_TABLE_TAG.search(re.sub(r"`[^`]*`", "", self.lines[at])))
        )

    def _end_of_html(self, at: int) -> int | None:
        """Return the line on which the outermost table is closed; None if it is only spoken of."""
        open_tables = 0
        for n in range(at, len(self.lines)):
            for match in _TABLE_TAG.finditer(self.lines[n]):
                open_tables += -1 if match[1] else 1
            if open_tables <= 0:
                return n
        if not self.lines[at].lstrip().lower().startswith("<table"):
            self.may_open = False
            return None
        found = f"one opened on line {at + 1} and not closed: the body is cut off"
        raise LayoutChanged(self.page.place, "every <table> closed", found)

    def _html(self, at: int, end: int) -> Iterator[Table]:
        from flows.grid import Context, html_tables
        from flows.markup import parse_html

        root = parse_html("\n".join(self.lines[at : end + 1]), self.page.place)
        context = Context(dict(self.headings), self.over, self.before)
        for table in html_tables(self.page, root, first=self.number, line=at, context=context):
            self.number += 1
            yield table
        context.end_block()
        self.headings, self.over, self.before = context.headings, context.over, context.before


def markdown_tables(page: Page) -> Iterator[Table]:
    """Yield pipe tables and HTML tables of a markdown page, in order."""
    return _Reader(page).tables()
