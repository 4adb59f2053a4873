"""Addresses: which may be asked for, where a redirect may lead, and how one is shown in a log."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urljoin, urlsplit

from flows.errors import FetchError


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
    if _is_inside(parts.hostname) and not _is_inside(split_address(url).hostname):
        raise FetchError(f"{shown(url)}: expected a redirect to a public host; found {parts.hostname}")
    return place


def _is_inside(host: str | None) -> bool:
    """Return whether a host is this machine or, by its number, in a private network."""
    try:
        return not ipaddress.ip_address(host or "").is_global
    except ValueError:
        return (host or "").rstrip(".").endswith("localhost")
