"""Fetch a page politely: robots.txt, one request at a time per host, conditional, bounded in size, time and redirects."""

from __future__ import annotations

import logging
import socket
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from flows.errors import FetchError, NoNetwork, RobotsForbidden, UsageError
from flows.settings import user_agent
from flows.tables import MAX_BYTES

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)
DELAY_SECONDS = 1.0
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 4.0, 20.0, 60.0
MAX_REDIRECTS = 5
MAX_WAIT_SECONDS = 60.0


class TransientFetchError(FetchError):
    """The server was busy or broke off; the next try may succeed."""


@dataclass(frozen=True)
class Known:
    """What the last capture of an address was, for conditional requests."""

    body_sha256: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Answer:
    """A page as served; `body` is None when the server says that nothing changed."""

    status: int
    body: bytes | None
    content_type: str | None
    etag: str | None
    last_modified: str | None


class Fetcher:
    """Fetches for one run: one connection pool, one lock and one robots.txt per host."""

    def __init__(self, *, delay_seconds: float = DELAY_SECONDS) -> None:
        """Keep no connection open yet."""
        self._delay = delay_seconds
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._last: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser] = {}
        self._guard = threading.Lock()
        self._client: httpx.Client | None = None

    @property
    def client(self) -> httpx.Client:
        """The connection pool, opened at first use."""
        import httpx

        with self._guard:
            if self._client is None:
                self._client = httpx.Client(
                    headers={"User-Agent": user_agent(), "Accept-Language": "en"},
                    timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
                    follow_redirects=True,
                    max_redirects=MAX_REDIRECTS,
                )
            return self._client

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, known: Known | None = None) -> Answer:
        """Return the page at `url`.

        NoNetwork if the host cannot be reached, RobotsForbidden if robots.txt says no, TransientFetchError if a retry may
        help, FetchError else; each names the address.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url}: expected an http or https address")
        host = parts.netloc
        with self._guard:
            lock = self._locks[host]
        with lock:
            if not self._robots_of(f"{parts.scheme}://{host}").can_fetch(user_agent(), url):
                raise RobotsForbidden(f"{url}: robots.txt forbids it")
            return self._get(url, {**(headers or {}), **_conditions(known)})

    def _robots_of(self, base: str) -> RobotFileParser:
        if base not in self._robots:
            rules = RobotFileParser(f"{base}/robots.txt")
            try:
                answer = self._get(f"{base}/robots.txt", {}, max_bytes=512 * 1024)
                rules.parse((answer.body or b"").decode("utf-8", "replace").splitlines())
            except TransientFetchError:
                raise
            except NoNetwork:
                raise
            except FetchError as error:
                log.debug("%s: no robots.txt (%s)", base, error)
                rules.parse([])
            self._robots[base] = rules
        return self._robots[base]

    def _get(self, url: str, headers: Mapping[str, str], *, max_bytes: int = MAX_BYTES) -> Answer:
        import httpx

        host = urlsplit(url).netloc
        time.sleep(max(0.0, self._last.get(host, -1e9) + self._delay - time.monotonic()))
        try:
            with self.client.stream("GET", url, headers=dict(headers)) as response:
                return _read(url, response, max_bytes)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise NoNetwork(f"{url}: the host cannot be reached ({error})") from error
        except httpx.TooManyRedirects as error:
            raise FetchError(f"{url}: expected at most {MAX_REDIRECTS} redirects; found more") from error
        except httpx.HTTPError as error:
            raise TransientFetchError(f"{url}: {type(error).__name__}: {error}") from error
        finally:
            self._last[host] = time.monotonic()


def _conditions(known: Known | None) -> dict[str, str]:
    pairs = (("If-None-Match", known and known.etag), ("If-Modified-Since", known and known.last_modified))
    return {name: value for name, value in pairs if value}


def _read(url: str, response: httpx.Response, max_bytes: int) -> Answer:
    status = response.status_code
    described = {name: response.headers.get(name) for name in ("content-type", "etag", "last-modified")}
    if status == 304:
        return Answer(304, None, described["content-type"], described["etag"], described["last-modified"])
    if status in (408, 425, 429) or status >= 500:
        _wait(response.headers.get("retry-after"))
        raise TransientFetchError(f"{url}: expected status 200; found {status}")
    if status != 200:
        raise FetchError(f"{url}: expected status 200; found {status}")
    pieces, size, until = [], 0, time.monotonic() + TOTAL_SECONDS
    for piece in response.iter_bytes():
        size += len(piece)
        if size > max_bytes:
            raise FetchError(f"{url}: expected at most {max_bytes:,} bytes; found more")
        if time.monotonic() > until:
            raise TransientFetchError(
                f"{url}: expected the page within {TOTAL_SECONDS:.0f} seconds; found it still coming"
            )
        pieces.append(piece)
    return Answer(200, b"".join(pieces), described["content-type"], described["etag"], described["last-modified"])


def _wait(retry_after: str | None) -> None:
    """Wait as long as the server asks, up to a minute, before the caller tries again."""
    if retry_after and retry_after.isdecimal():
        time.sleep(min(float(retry_after), MAX_WAIT_SECONDS))


def network_is_up(urls: Iterable[str]) -> bool:
    """Return whether any of these hosts can be reached within a few seconds, to tell a wrong address from a missing network.

    It only opens a connection (to the proxy, where one is set) and asks nothing. Looking up a name can hang for long where
    packets are dropped, so each try has a thread of its own that is left behind.
    """
    hosts = {(u.hostname or "", u.port or (443 if u.scheme == "https" else 80)) for u in map(urlsplit, urls)}
    proxies = [urlsplit(p) for p in urllib.request.getproxies().values() if "://" in p]
    hosts |= {(p.hostname or "", p.port or 80) for p in proxies}
    answered = threading.Event()

    def knock(host: str, port: int) -> None:
        try:
            socket.create_connection((host, port), CONNECT_SECONDS).close()
            answered.set()
        except OSError as error:
            log.debug("%s:%d: %s", host, port, error)

    threads = [threading.Thread(target=knock, args=pair, daemon=True) for pair in hosts]
    for thread in threads:
        thread.start()
    until = time.monotonic() + CONNECT_SECONDS
    while not answered.is_set() and time.monotonic() < until and any(t.is_alive() for t in threads):
        answered.wait(0.05)
    return answered.is_set()
