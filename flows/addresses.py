"""Addresses: which may be asked for, where a redirect may lead, and how one is shown in a log."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urljoin, urlsplit

from flows.errors import FetchError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6 (RFC 4291, 2.4)


def shown(url: str) -> str:
    """Return an address fit for a log: without user, password or the values of keys and tokens."""
    url = re.sub(r"(?<=//)[^/?#]*@", "", url)
    return re.sub(r"(?i)([?&][^=&#]*(?:key|token|secret|password|signature)[^=&#]*)=[^&#]*", r"\1=...", url)


def split_address(url: str) -> SplitResult:
    """Split an address in one way of writing; FetchError if it is not http or https, has a password, or makes no sense."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError(f"{shown(url)}: expected an http or https address; found {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"{shown(url)}: expected an http or https address")
    if "@" in parts.netloc:
        raise FetchError(f"{shown(url)}: expected an address without user and password")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = port in (None, 443 if parts.scheme == "https" else 80)
    return parts._replace(netloc=host if usual else f"{host}:{port}")


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads; FetchError if that is no page of the web, or inside a network that `url` is outside of."""
    try:
        place = urljoin(url, location)
        parts = split_address(place)
    except (FetchError, ValueError) as error:
        raise FetchError(f"{shown(url)}: it redirects to no page of the web: {error}") from None
    if is_inside(parts.hostname or "") and not is_inside(split_address(url).hostname or ""):
        raise FetchError(f"{shown(url)}: expected a redirect to a public host; found {parts.hostname}")
    return place


def is_public(number: str) -> bool:
    """Return whether an IP address is one of the public internet, also where IPv6 wraps an IPv4 address."""
    ip = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is None and ip in _NAT64:
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return is_public(str(inner)) if inner is not None else ip in _UNICAST and ip.is_global


def number_of(host: str) -> str | None:
    """Return the IP address that a host is written as, in any of the ways that look-ups take (127.1, 0x7f000001); else None."""
    host = host.rstrip(".")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def is_inside(host: str) -> bool:
    """Return whether a host is, by how it is written, this machine or one of a private network."""
    number = number_of(host)
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost") or (number is not None and not is_public(number))
