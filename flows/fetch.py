"""Fetch a page politely: robots.txt, one request at a time per host, conditional, bounded in size, time and redirects.

Each redirect is a request of its own: the new host's robots.txt, lock and delay apply, and a source's own headers stay with
the host they were meant for. What a server sends is hostile until proven otherwise, its headers and compression included.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urlsplit

from flows import robots
from flows.addresses import redirected, shown, split_address
from flows.errors import FetchError, NoNetwork, RobotsForbidden, UsageError
from flows.errors import TransientFetchError as TransientFetchError
from flows.guard import PrivateHosts
from flows.response import Answer as Answer
from flows.response import Limits, Moved, read_response
from flows.settings import user_agent
from flows.tables import MAX_BYTES

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)
DELAY_SECONDS = 1.0
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 4.0, 20.0, 60.0
MAX_REDIRECTS = 5
MAX_WAIT_SECONDS = 60.0
T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """What the last capture of an address was, for conditional requests."""

    body_sha256: str
    etag: str | None = None
    last_modified: str | None = None


class Fetcher:
    """Fetches for one run: one connection pool, and per host one lock, one delay and one robots.txt."""

    def __init__(self, *, delay_seconds: float = DELAY_SECONDS, private_hosts: Iterable[str] | None = None) -> None:
        """Keep no connection open yet; `private_hosts` (default: what the environment lists) may be asked though private."""
        self._delay = delay_seconds
        self._private = PrivateHosts.of(private_hosts)
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._not_before: dict[str, float] = {}
        self._robots: dict[str, robots.Rules] = {}
        self._guard = threading.Lock()
        self._client: httpx.Client | None = None

    @property
    def client(self) -> httpx.Client:
        """The connection pool, opened at first use."""
        import httpx

        with self._guard:
            if self._client is None:
                self._client = httpx.Client(
                    headers={"User-Agent": user_agent(), "Accept-Language": "en", "Accept-Encoding": "gzip"},
                    timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
                    follow_redirects=False,
                )
            return self._client

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, known: Known | None = None) -> Answer:
        """Return the page at `url`.

        `headers` go to the address's own host, never in the clear after https. NoNetwork if the host cannot be reached,
        RobotsForbidden if robots.txt says no, TransientFetchError if a retry may help, FetchError else; each names the address.
        """
        try:
            first = split_address(url)
        except FetchError as error:
            raise UsageError(str(error)) from None
        own = {**(headers or {}), **_conditions(known)}
        place = url
        for _ in range(MAX_REDIRECTS + 1):
            parts = split_address(place)
            self._private.check(parts)
            with self._lock_of(parts):
                if not self._robots_of(parts).allows(place):
                    raise RobotsForbidden(f"{shown(place)}: robots.txt forbids it")
                is_home = _is_home(parts, first)
                answer = self._get(place, own if is_home else {}, is_known=is_home and known is not None)
            if isinstance(answer, Answer):
                return replace(answer, url=place)
            place = redirected(place, answer.location)
            self._private.check_redirect(parts, split_address(place))
        raise FetchError(f"{shown(url)}: expected at most {MAX_REDIRECTS} redirects; found more")

    def _lock_of(self, parts: SplitResult) -> threading.Lock:
        with self._guard:
            return self._locks[parts.hostname or ""]

    def _robots_of(self, parts: SplitResult) -> robots.Rules:
        base = f"{parts.scheme}://{parts.netloc}"
        if base not in self._robots:
            self._robots[base] = self._fetch_robots(f"{base}/robots.txt")
            if wait := self._robots[base].delay_seconds:
                self._pause(parts, min(wait, MAX_WAIT_SECONDS))
        return self._robots[base]

    def _fetch_robots(self, url: str) -> robots.Rules:
        """Return a host's rules: none if it has no robots.txt; an error if it does not answer (RFC 9309, 2.3.1)."""
        place = url
        try:
            for _ in range(MAX_REDIRECTS + 1):
                answer = self._get(place, {}, max_bytes=robots.MAX_BYTES, is_cut=True)
                if isinstance(answer, Answer):
                    text = (answer.body or b"").decode("utf-8", "replace")
                    return robots.parse(text, user_agent().split("/")[0])
                before, place = place, redirected(place, answer.location)
                self._private.check(split_address(place))
                self._private.check_redirect(split_address(before), split_address(place))
        except (TransientFetchError, NoNetwork):
            raise
        except FetchError as error:
            log.debug("%s: no robots.txt (%s)", shown(url), error)
        return robots.Rules()

    def _get(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        max_bytes: int = MAX_BYTES,
        is_cut: bool = False,
        is_known: bool = False,
    ) -> Answer | Moved:
        """Make one request, in its turn and bounded in time whatever hangs: the look-up, the greeting, headers or body."""
        parts = split_address(url)
        self._await_turn(url, parts)
        until = time.monotonic() + TOTAL_SECONDS

        def ask() -> Answer | Moved:
            watched = {"trace": self._private.watch(parts)}
            with (
                _clear_errors(url),
                self.client.stream("GET", url, headers=dict(headers), extensions=watched) as response,
            ):
                self._heed(url, parts, response)
                limits = Limits(max_bytes, until, TOTAL_SECONDS, is_cut=is_cut)
                return read_response(url, response, limits, is_known=is_known)

        try:
            return _within(TOTAL_SECONDS, ask, url)
        finally:
            self._pause(parts, max(self._delay, min(self._asked_delay(parts), MAX_WAIT_SECONDS)))

    def _asked_delay(self, parts: SplitResult) -> float:
        rules = self._robots.get(f"{parts.scheme}://{parts.netloc}")
        return rules.delay_seconds if rules else 0.0

    def _await_turn(self, url: str, parts: SplitResult) -> None:
        """Wait until the host may be asked again; FetchError if it wants longer than a run should wait."""
        wait = self._not_before.get(parts.hostname or "", 0.0) - time.monotonic()
        if wait > MAX_WAIT_SECONDS:
            raise FetchError(f"{shown(url)}: the host asks to be left alone for {wait:,.0f} seconds; try again later")
        time.sleep(max(0.0, wait))

    def _pause(self, parts: SplitResult, seconds: float) -> None:
        """Leave the host alone for a while, or for as long as it asked before."""
        host = parts.hostname or ""
        self._not_before[host] = max(self._not_before.get(host, 0.0), time.monotonic() + seconds)

    def _heed(self, url: str, parts: SplitResult, response: httpx.Response) -> None:
        """Note what a busy server asks; TransientFetchError if it is soon enough to try again in this run."""
        if response.status_code not in (408, 425, 429) and response.status_code < 500:
            return
        wait = _seconds(response.headers.get("retry-after"))
        self._pause(parts, wait)
        said = f"{shown(url)}: expected status 200; found {response.status_code}"
        if wait > MAX_WAIT_SECONDS:
            raise FetchError(f"{said}, and to be left alone for {wait:,.0f} seconds; try again later")
        raise TransientFetchError(said)


class _clear_errors:  # noqa: N801 - reads as a function
    """Turn httpx's errors into ours, each naming the address."""

    def __init__(self, url: str) -> None:
        self.place = shown(url)

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import httpx

        if isinstance(error, httpx.ConnectError) and _is_untrusted(error):
            raise FetchError(f"{self.place}: expected a certificate that can be trusted; found {error}") from error
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
            raise NoNetwork(f"{self.place}: the host cannot be reached ({error})") from error
        if isinstance(error, httpx.RemoteProtocolError) and "location header" in str(error):
            raise FetchError(f"{self.place}: it redirects to no page of the web: {error}") from error
        if isinstance(error, httpx.HTTPError):
            raise TransientFetchError(f"{self.place}: {type(error).__name__}: {error}") from error
        if isinstance(error, httpx.InvalidURL | UnicodeError):
            raise FetchError(f"{self.place}: expected an address that can be asked for; found {error}") from error


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def _within(seconds: float, work: Callable[[], T], url: str) -> T:
    """Return what `work` returns or raises; TransientFetchError, leaving it behind, when it takes too long."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where the caller waits
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True, name="fetch").start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        raise TransientFetchError(f"{shown(url)}: expected the page within {seconds:g} seconds; found none") from None


def _is_home(parts: SplitResult, first: SplitResult) -> bool:
    """Return whether an address may get the headers that were meant for the first one: its host, and no less protected."""
    return parts.netloc == first.netloc and (parts.scheme == first.scheme or parts.scheme == "https")


def _conditions(known: Known | None) -> dict[str, str]:
    """Return the headers of a conditional request; what a server sent and no request can carry is left out."""
    pairs = (("If-None-Match", known and known.etag), ("If-Modified-Since", known and known.last_modified))
    return {name: value for name, value in pairs if value and value.isascii() and value.isprintable()}


def _seconds(retry_after: str | None) -> float:
    """Return how long a Retry-After header asks to wait, given in seconds or as a date; 0 if it says neither."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def network_is_up(urls: Iterable[str]) -> bool:
    """Return whether any of these hosts can be reached within a few seconds, to tell a wrong address from a missing network.

    It only opens a connection (to the proxy, where one is set) and asks nothing. Looking up a name can hang for long where
    packets are dropped, so each try has a thread of its own that is left behind.
    """
    proxies = [p for p in urllib.request.getproxies().values() if "://" in p]
    hosts = {
        (p.hostname or "", p.port or (443 if p.scheme == "https" else 80)) for p in map(urlsplit, (*urls, *proxies))
    }
    answered = threading.Event()

    def knock(host: str, port: int) -> None:
        try:
            socket.create_connection((host, port), CONNECT_SECONDS).close()
            answered.set()
        except (OSError, UnicodeError) as error:
            log.debug("%s:%d: %s", host, port, error)

    threads = [threading.Thread(target=knock, args=pair, daemon=True) for pair in hosts if pair[0]]
    for thread in threads:
        thread.start()
    until = time.monotonic() + CONNECT_SECONDS
    while not answered.is_set() and time.monotonic() < until and any(t.is_alive() for t in threads):
        answered.wait(0.05)
    return answered.is_set()
