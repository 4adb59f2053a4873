"""Render a page whose words a script makes, in the system's Chromium; nothing is ever downloaded to have one.

The browser itself never reaches the network: its only proxy is a port where nobody listens, and each request of the page is
answered by the fetcher of the run, with all its manners (robots.txt, delay, limits, no private hosts). Only what makes words
is fetched: the document, scripts and the data they ask for, by GET. Frames, downloads, service workers, sockets and moves
to another page are refused. Scripts run in Chromium's sandbox.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.addresses import shown
from flows.capture import Exchange
from flows.errors import BlockedPage, ConvergenceError, FetchError, PageError, Unequipped
from flows.fetch import Answer, Fetcher, TransientFetchError
from flows.settings import user_agent
from flows.tables import MAX_BYTES, Page

log = logging.getLogger(__name__)
RENDER_SECONDS, QUIET_SECONDS, CLOSE_SECONDS = 90.0, 1.0, 10.0
MAX_REQUESTS = 100
RENDERED = "X-Convergence-Rendered"
CHROMIUM, NO_SANDBOX = "CONVERGENCE_CHROMIUM", "CONVERGENCE_CHROMIUM_NO_SANDBOX"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"),
]
_WORDS = ("script", "xhr", "fetch")  # the kinds of sub-request that can bring words
_PASSED_ON = ("accept", "rsc")  # request headers that say in which form an answer is wanted
_NOT_PASSED_ON = {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"}
_DOM = f"""(() => {{
    if (document.readyState === 'loading') return '';
    const text = document.documentElement ? document.documentElement.outerHTML : '';
    return text.length > {MAX_BYTES} ? null : (document.doctype ? '<!DOCTYPE html>' : '') + text;
}})()"""


def render(fetcher: Fetcher, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the page at `url` as its scripts leave it when they come to rest; a header of it says that it is rendered.

    A gate's page comes as it was served: its scripts are not run. Unequipped, before anything is asked, if the extra
    `browser` or Chromium is missing; else the errors of `Fetcher.fetch`.
    """
    start = _starter()
    served = fetcher.fetch(url, headers=headers)
    if served.body is None or _is_gate(served, url):
        return served
    visit = _Visit(fetcher, served, served.url or url)
    outcome: list[Any] = []

    def run() -> None:  # in a thread of its own: the caller's may have an event loop already
        try:
            outcome.append(asyncio.run(visit.show(start)))
        except BaseException as error:  # noqa: BLE001 - raised again where the caller waits
            outcome.append(error)

    thread = threading.Thread(target=run, name="browser")
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    text, browser = outcome[0]
    return _rendered(served, text, browser)


def find_chromium() -> Path:
    """Return the system's Chromium: what CONVERGENCE_CHROMIUM names, else the first on the PATH; Unequipped if there is none."""
    named = os.environ.get(CHROMIUM)
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        missing = f"{CHROMIUM} names {named}, which is no program" if named else "there is no Chromium on the PATH"
        raise Unequipped(f"needs a browser, and {missing}: install Chromium, or set {CHROMIUM} to where it is")
    return Path(found)


def _starter() -> Any:
    """Return a function that starts the browser, given Playwright and a proxy; Unequipped if anything for it is missing."""
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        raise Unequipped("needs a browser: install the extra, `uv sync --extra browser`") from None
    program = find_chromium()
    is_root, is_configured = os.geteuid() == 0, os.environ.get(NO_SANDBOX) == "1"
    if is_root and not is_configured:
        advice = f"run it as another user, or set {NO_SANDBOX}=1 where it may go without"
        raise Unequipped(f"needs a browser, and Chromium has no sandbox for root: {advice}")
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}

    async def start(playwright: Any, proxy: str) -> Any:
        return await playwright.chromium.launch(
            executable_path=str(program),
            args=_FLAGS,
            chromium_sandbox=not is_root,
            proxy={"server": proxy, "bypass": "<-loopback>"},
            env=known,  # no key of the environment
        )

    return start


def _is_gate(served: Answer, url: str) -> bool:
    try:
        Page(served.body or b"", url, datetime.now(UTC), served.content_type).check_whole()
    except BlockedPage:
        return True
    except PageError:  # an empty shell, as pages that a script fills are
        return False
    return False


@contextmanager
def _nobody() -> Iterator[str]:
    """Yield the address of a port of this machine that is taken, and where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@dataclass
class _Visit:
    """One page in the browser: what it may still ask for, and when it asked last."""

    fetcher: Fetcher
    served: Answer
    place: str
    n_busy: int = 0
    n_asked: int = 0
    left: int = field(default_factory=lambda: MAX_BYTES)
    last: float = 0.0
    is_shown: bool = False
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, "browser"))

    async def show(self, start: Any) -> tuple[str, str]:
        """Return the document at rest and the browser's version."""
        from playwright.async_api import Error, async_playwright

        try:
            with _nobody() as proxy:
                async with async_playwright() as playwright:
                    browser = await self._start(start, playwright, proxy)
                    try:
                        async with asyncio.timeout(RENDER_SECONDS):
                            return await self._open(browser), str(browser.version)
                    finally:
                        await asyncio.wait_for(browser.close(), CLOSE_SECONDS)
        except TimeoutError:
            said = f"expected the page's scripts at rest within {RENDER_SECONDS:g} seconds; found them at work"
            raise TransientFetchError(f"{shown(self.place)}: {said}") from None
        except Error as error:
            raise TransientFetchError(f"{shown(self.place)}: the browser: {_first_line(error)}") from error
        finally:
            self.pool.shutdown(wait=False, cancel_futures=True)

    async def _start(self, start: Any, playwright: Any, proxy: str) -> Any:
        from playwright.async_api import Error

        try:
            return await start(playwright, proxy)
        except Error as error:
            why = "it has no sandbox here" if "sandbox" in str(error).lower() else _first_line(error)
            raise Unequipped(f"needs a browser, and Chromium does not start: {why}") from error

    async def _open(self, browser: Any) -> str:
        context = await browser.new_context(
            user_agent=user_agent(), accept_downloads=False, service_workers="block", locale="en"
        )
        await context.route("**/*", self._answer)
        page = await context.new_page()
        context.on("page", lambda popup: popup.close())
        await page.goto(self.place, wait_until="commit", timeout=0)
        words = ""
        while not words:
            await self._rest()
            words = await self._words(context, page)
        if self.left < 0:
            raise FetchError(
                f"{shown(self.place)}: expected at most {MAX_BYTES:,} bytes of scripts and data; found more"
            )
        return words

    async def _rest(self) -> None:
        """Wait until the page has asked for nothing for a while."""
        clock = asyncio.get_running_loop().time
        self.last = clock()
        while self.n_busy or clock() - self.last < QUIET_SECONDS:
            await asyncio.sleep(0.05)

    async def _words(self, context: Any, page: Any) -> str:
        """Return the document, read where no script of the page can meddle with it; empty while it is still parsed."""
        session = await context.new_cdp_session(page)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
        asked = {"expression": _DOM, "contextId": world["executionContextId"], "returnByValue": True}
        text = (await session.send("Runtime.evaluate", asked))["result"].get("value")
        if not isinstance(text, str):
            raise FetchError(f"{shown(self.place)}: expected at most {MAX_BYTES:,} characters rendered; found more")
        return text

    async def _answer(self, route: Any) -> None:
        """Answer a request of the page: with the document, by the fetcher, or not at all."""
        self.n_busy += 1
        try:
            await self._reply(route, route.request)
        finally:
            self.n_busy -= 1
            self.last = asyncio.get_running_loop().time()

    async def _reply(self, route: Any, request: Any) -> None:
        if request.is_navigation_request():
            if self.is_shown:
                await route.abort("aborted")  # a frame, or a script that moves on: the page stays
                return
            self.is_shown = True
            await _fulfill(route, self.served)
        elif request.resource_type == "stylesheet":
            await route.fulfill(status=200, content_type="text/css", body="")  # some scripts wait for theirs
        elif answer := await self._fetched(request):
            await _fulfill(route, answer)
        else:
            await route.abort("blockedbyclient")

    async def _fetched(self, request: Any) -> Answer | None:
        """Return what a script or its data is; None if it may not be asked for or does not come."""
        self.n_asked += 1
        if request.resource_type not in _WORDS or request.method != "GET" or self.left < 0:
            return None
        if self.n_asked > MAX_REQUESTS or not request.url.startswith(("http://", "https://")):
            return None
        headers = {name: value for name, value in request.headers.items() if name in _PASSED_ON}
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self.pool, lambda: self.fetcher.fetch(request.url, headers=headers))
        except ConvergenceError as error:
            log.info("%s: left out of the page: %s", shown(self.place), error)
            return None
        self.left -= len(answer.body or b"")
        return answer if self.left >= 0 else None


async def _fulfill(route: Any, answer: Answer) -> None:
    headers = dict(answer.exchange.headers) if answer.exchange else {"content-type": answer.content_type or ""}
    kept = {name: value for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON}
    await route.fulfill(status=answer.status, headers=kept, body=answer.body or b"")


def _rendered(served: Answer, text: str, browser: str) -> Answer:
    """Return the rendered page as an answer, with the headers that were served and one that says what was done."""
    kind = "text/html; charset=utf-8"
    dropped = {*_NOT_PASSED_ON, "content-type", "etag", "last-modified"}
    told = (("Content-Type", kind), (RENDERED, f"Chromium {browser}; scripts run, then the document as it stood"))
    was = served.exchange or Exchange("HTTP/1.1 200 OK", ())
    headers = (*((n, v) for n, v in was.headers if n.lower() not in dropped), *told)
    exchange = replace(was, headers=headers, payload=None)
    return Answer(200, text.encode("utf-8", "replace"), kind, None, None, exchange, served.url)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
