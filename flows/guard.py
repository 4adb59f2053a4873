"""Keep out of private networks: which hosts may be asked, by name, by number and by where a connection really led.

A page of the web, a redirect or a name server that changes its mind must not lead this program to the machine it runs on or
to its neighbours. So each connection is checked twice: what the name stands for before it is made, and who is at the other
end before anything is sent. A proxy set in the environment is the user's own choice and is asked as it is.
"""

from __future__ import annotations

import os
import socket
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from flows.addresses import is_inside, is_public, shown
from flows.errors import FetchError, UsageError

VARIABLE = "CONVERGENCE_PRIVATE_HOSTS"
Trace = Callable[[str, Mapping[str, Any]], None]
_PORTS = {"https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True)
class PrivateHosts:
    """The private hosts that may be asked all the same, each with its port or, if None, any."""

    allowed: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, listed: Iterable[str] | None = None) -> PrivateHosts:
        """Return those `listed` as HOST or HOST:PORT; without a list, those that the environment names, comma-separated."""
        entries = os.environ.get(VARIABLE, "").split(",") if listed is None else listed
        return cls(frozenset(_host_and_port(entry.strip()) for entry in entries if entry.strip()))

    def allows(self, host: str, port: int) -> bool:
        """Return whether the user listed the host, as it is written in the address."""
        name = _plain(host)
        return (name, None) in self.allowed or (name, port) in self.allowed

    def check(self, parts: SplitResult) -> None:
        """Raise FetchError if the host of an address is written as a private one and not listed."""
        host, port = _place(parts)
        if is_inside(host) and not self.allows(host, port):
            raise _refused(parts, host)

    def check_redirect(self, before: SplitResult, after: SplitResult) -> None:
        """Raise FetchError if a page of a host that is not listed sends us to one that is: that was not meant for it."""
        if self.allows(*_place(after)) and not self.allows(*_place(before)):
            raise FetchError(f"{shown(before.geturl())}: expected a redirect to a public host; found {after.hostname}")

    def watch(self, parts: SplitResult) -> Trace:
        """Return what httpx is to call (its `trace` extension) at each step of a request, to check whom it connects to."""
        host, port = _place(parts)
        is_direct = False

        def look(event: str, info: Mapping[str, Any]) -> None:
            nonlocal is_direct
            if event == "connection.connect_tcp.started":
                is_direct = not _is_proxy(_text(info["host"]), int(info["port"]))
                if is_direct:
                    self._check_numbers(parts, _look_up(host, port))
            elif event == "connection.connect_tcp.complete" and is_direct:
                self._check_peer(parts, info["return_value"])

        return (lambda event, info: None) if self.allows(host, port) else look

    def _check_peer(self, parts: SplitResult, stream: Any) -> None:
        try:
            peer = stream.get_extra_info("server_addr")
            self._check_numbers(parts, [str(peer[0])])
        except BaseException:
            stream.close()
            raise

    def _check_numbers(self, parts: SplitResult, numbers: Iterable[str]) -> None:
        for number in numbers:
            if not is_public(number):
                raise _refused(parts, number)


def _refused(parts: SplitResult, found: str) -> FetchError:
    host, port = _place(parts)
    place = f"[{host}]" if ":" in host else host
    listed = place if parts.port is None else f"{place}:{port}"
    where = f"found {found}" if found == host else f"{host} is at {found}"
    return FetchError(
        f"{shown(parts.geturl())}: expected a public host; {where}, which is private or reserved;"
        f" to allow it, set {VARIABLE}={listed}"
    )


def _look_up(host: str, port: int) -> list[str]:
    """Return the numbers a name stands for; none if that cannot be told, so that connecting says why."""
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def _place(parts: SplitResult) -> tuple[str, int]:
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 80)


def _is_proxy(host: str, port: int) -> bool:
    """Return whether a connection is to a proxy that the environment sets."""
    known = urllib.request.getproxies()
    proxies = [known[scheme] for scheme in ("http", "https", "all") if known.get(scheme)]
    places = (_place(urlsplit(p if "://" in p else f"http://{p}")) for p in proxies)
    return (_plain(host), port) in {(_plain(name), number) for name, number in places}


def _text(host: str | bytes) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else host


def _plain(host: str) -> str:
    """Return a host in one way of writing: as connecting sees it."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _host_and_port(entry: str) -> tuple[str, int | None]:
    """Return host and port of an entry of the list; a bare IPv6 address has no port."""
    host, colon, port = entry.rpartition(":")
    if not colon or (":" in host and not entry.startswith("[")) or entry.endswith("]"):
        return _plain(entry), None
    if not host or not port.isdecimal():
        raise UsageError(f"{VARIABLE}: expected HOST or HOST:PORT; found {entry!r}")
    return _plain(host), int(port)
