"""Tell a page from what comes in its place: a gate, a body that was cut off, nothing.

Real pages speak of cookies, captchas and denied access too, and leave tags open. So a gate must be all there is, or nearly,
and say so at the start of a block; and a body is cut only where it ends inside something that every page closes.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from flows import zipped
from flows.errors import BlockedPage, LayoutChanged
from flows.markup import blocks_of, text_of

if TYPE_CHECKING:
    from flows.tables import Page

MAX_WORDS = 250
MAX_WORDS_TITLED = 600  # where the title already says so: consent walls list languages and partners
_SCRIPTS = re.compile(r"_cf_chl_opt|\bcaptcha-delivery\.com|\bpx-captcha\b|\bawsWafCookieDomainList\b|\bgokuProps\b")
_GATE = re.compile(
    r"(?:(?:title|warning):\s*|#+\s*|please,?\s+|sorry,?\s+|error\W\s*)*"
    r"(?:enable javascript and cookies|enable (?:js|javascript) and disable any ad|just a moment\s*(?:\.\.|\u2026|$)"
    r"|checking (?:your browser|if the site connection)|attention required!|(?:we are|we're|we\u2019re) verifying your browser"
    r"|(?:verify|verifying|confirm)(?: that)? you(?: are|'re|\u2019re) (?:a |not a )?(?:human|robot)"
    r"|(?:vercel )?security check(?:point)?\b|performing security verification|you have been blocked"
    r"|access (?:to this (?:page|site|website|resource) )?(?:has been |is |was )?(?:denied|blocked)"
    r"|(?:our systems have )?detected unusual traffic|are you (?:a |not a )?(?:robot|human)|i(?:'|\u2019)?m not a robot"
    r"|pardon our interruption|request unsuccessful|press (?:&|and) hold|ddos protection by|one more step(?:$|\W+please)"
    r"|(?:complete|solve) (?:the|this|a) (?:captcha|security check)|human verification|robot check"
    r"|(?:40[13]|429|50[234])\W+(?:error\W+)?(?:forbidden|unauthorized|too many|bad gateway|service|gateway)"
    r"|too many requests|service (?:temporarily )?unavailable|target url returned error (?:40[13]|429|5\d\d)"
    r"|before you continue to\b|we value your privacy)",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"before you continue|we value your privacy", re.IGNORECASE)
_AGREE = re.compile(r"\b(?:accept|agree|allow|reject|consent)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_DATA = re.compile(r"\{\s*\"|\[\s*[{\"]")  # how JSON begins, and markdown does not
_TAG = re.compile(r"<!--|<(?P<close>/?)(?P<tag>[a-zA-Z][^\s/>]*+)(?:=\s*+\"[^\"]*\"|=\s*+'[^']*'|[^>])*+(?P<end>>?)")
_RAW = {"script", "style", "textarea", "title"}
# Every page has to close these; html, body, p, li, tr, td and the like may end without their tag (HTML Living Standard,
# 13.1.2.4, "Optional tags").
_CLOSED = frozenset(
    {"table", "div", "section", "main", "article", "ul", "ol", "dl", "nav", "header", "footer"}
    | {"a", "span", "svg", "form", "select", "button"}
)


def check_whole(page: Page) -> None:
    """Raise BlockedPage if a gate answered in place of the page, LayoutChanged if the body is empty or cut off."""
    if zipped.is_zip(page.body):
        zipped.check(page.body, page.place)
    elif _DATA.match(page.text.lstrip()[:1000]):
        _ = page.json
    elif page.is_markdown:
        _check_gate(page, page.text.split("\n") if len(page.text) < 20_000 else [])
        _check_last_row(page)
    else:
        _check_cut(page)
        blocks = blocks_of(page.root) or [text_of(node) for node in page.root.iter("noscript")]
        blocks = [block for block in blocks if block]
        if not blocks and next(page.root.iter("script"), None) is None:
            raise LayoutChanged(page.place, "a page with words", f"none in {len(page.text):,} characters of markup")
        _check_gate(page, [text_of(node) for node in page.root.iter("title")] + blocks)


def _check_last_row(page: Page) -> None:
    """Raise LayoutChanged if markdown ends inside a row of a table: with a cell, or the bar its header ends on, missing."""
    tables = page.tables  # an HTML table that is not closed
    lines = page.text.splitlines()
    last = lines[-1].rstrip() if lines else ""
    if not tables or page.text.endswith(("\n", "\r")) or "|" not in last or tables[-1].line is None:
        return
    table = tables[-1]
    row = next((row for row in reversed(table.rows) if row.line == len(lines)), None)
    head = lines[(table.line or 1) - 1].rstrip()
    if row and "<" not in head[:1] and (_bars(last) < _bars(head) or (head.endswith("|") and not last.endswith("|"))):
        raise LayoutChanged(row.place, "a page to its end", f"the end inside {last[-80:]!r}: the body is cut off")


def _bars(line: str) -> int:
    return len(re.findall(r"(?<!\\)\|", line.strip().strip("|")))


def _check_gate(page: Page, blocks: list[str]) -> None:
    """Raise BlockedPage if these few blocks of text are a gate's."""
    words = " ".join(blocks)
    most = MAX_WORDS_TITLED if blocks and _GATE.match(blocks[0].strip()) else MAX_WORDS
    if words.count(" ") > 4 * most or len(words.split()) > most or _holds_data(page):
        return
    says = next((m[0] for block in blocks for part in _SENTENCE.split(block.strip()) if (m := _GATE.match(part))), None)
    if says and _CONSENT.search(says) and not _AGREE.search(words):
        says = None
    if not says and not page.is_markdown and (match := _SCRIPTS.search(page.text)):
        says = match[0]
    if says:
        raise BlockedPage(page.place, "the page", f"a gate that says {says.strip()!r}")


def _holds_data(page: Page) -> bool:
    return any(len(table.rows) > 1 for table in page.tables) or len(page.payload) > 1000


def _check_cut(page: Page) -> None:
    """Raise LayoutChanged if the document, or the fragment of one, ends before its end."""
    text = page.text
    if text[-100:].rstrip().lower().endswith("</html>"):
        return
    open_tags, ended, inside = _scan(text)
    if ended:
        return
    whole_document = open_tags["html"] or open_tags["body"]
    left = [tag for tag in open_tags if tag == "table" or (whole_document and tag in _CLOSED)]
    if inside or left:
        found = f"the end inside {inside}" if inside else f"the end, with {', '.join(f'<{tag}>' for tag in left)} open"
        raise LayoutChanged(
            page.place, "a page to its end", f"{found}, after {len(text):,} characters: the body is cut off"
        )


def _scan(text: str) -> tuple[Counter[str], bool, str]:
    """Return the tags left open, whether </body> or </html> was met, and what the text ends inside of, if anything.

    Goes once from start to end: whatever is not closed reaches to the end of the text.
    """
    open_tags: Counter[str] = Counter()
    ended, at = False, 0
    while match := _TAG.search(text, at):
        tag, at = (match["tag"] or "").lower(), match.end()
        if not tag:
            at = text.find("-->", match.start() + 2)
            if at < 0:
                return +open_tags, ended, "a comment"
        elif not match["end"]:
            return +open_tags, ended, f"a tag <{match['close']}{tag}"
        elif match["close"]:
            ended |= tag in ("html", "body")
            open_tags[tag] = max(open_tags[tag] - 1, 0)
        elif tag in _RAW:
            at = _end_of_raw(text, tag, at)
            if at < 0:
                return +open_tags, ended, f"<{tag}>"
        elif match[0][-2] != "/" or tag in ("table", "div"):
            open_tags[tag] += 1
    return +open_tags, ended, ""


def _end_of_raw(text: str, tag: str, at: int) -> int:
    match = re.compile(rf"</{tag}\b", re.IGNORECASE).search(text, at)
    return match.start() if match else -1
