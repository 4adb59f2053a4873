"""Write WARC records: a page's request and response, or that a body was served again (revisit).

What a body came packed in (Content-Encoding) stays as it travelled, with its header, as crawlers keep it. How it was cut for
the way (Transfer-Encoding) is undone by then, so that header is kept under another name. No secret of a request is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import IO, Any
from urllib.parse import quote

from flows.addresses import shown
from flows.capture import Capture, Request
from flows.warc import FILE_HEADER, SOURCE_HEADER, SOURCE_URI_HEADER, Original, payload_digest

_ASCII = "".join(map(chr, range(0x20, 0x7F)))  # all that a header can carry as it is
# What a request says of no one's secrets; any other header, such as a key, is written without its value.
_PLAIN_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "connection", "host", "if-modified-since"}
    | {"if-none-match", "pragma", "range", "rsc", "user-agent"}
)
_WITHHELD = "(withheld)"


def write(handle: IO[bytes], capture: Capture, original: Original | None = None) -> int:
    """Write a capture, its request first; return at which byte its own record begins.

    It is a response of a web page, a resource of anything else (readers look for HTTP headers by the address), or, with an
    `original` that has the very same payload, a revisit.
    """
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(handle, gzip=True)
    record = _revisit(writer, capture, original) if original else _whole(writer, capture)
    request = capture.exchange.request if capture.exchange else None
    if request is not None:
        writer.write_record(_asked(writer, capture, request, record.rec_headers.get_header("WARC-Record-ID")))
    offset = handle.tell()
    writer.write_record(record)
    return offset


def _whole(writer: Any, capture: Capture) -> Any:
    http = _http(capture)
    kind: dict[str, Any] = {"record_type": "response", "http_headers": http}
    if http is None:
        kind = {"record_type": "resource", "warc_content_type": _sayable(capture.content_type or "")}
    payload = BytesIO(capture.payload)
    headers = _stamp(capture)
    return writer.create_warc_record(
        _uri(capture.url), payload=payload, length=len(capture.payload), warc_headers_dict=headers, **kind
    )


def _revisit(writer: Any, capture: Capture, original: Original) -> Any:
    http = _http(capture)
    headers = _stamp(capture) | {"WARC-Refers-To": original.record_id, FILE_HEADER: original.archive_file}
    if http is None and capture.content_type:
        headers["Content-Type"] = _sayable(capture.content_type)
    refers_to = (payload_digest(capture.payload), original.url, original.date)
    return writer.create_revisit_record(_uri(capture.url), *refers_to, http_headers=http, warc_headers_dict=headers)


def _asked(writer: Any, capture: Capture, request: Request, response_id: str) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    lines = [(n, v if n.lower() in _PLAIN_HEADERS else _WITHHELD) for n, v in _sayable_all(request.headers)]
    line = " ".join(shown(word) for word in _sayable(request.line).split(" "))
    http = StatusAndHeaders(line, lines, is_http_request=True)
    headers = _stamp(capture) | {"WARC-Concurrent-To": response_id}
    return writer.create_warc_record(
        _uri(capture.url), "request", payload=BytesIO(), length=0, http_headers=http, warc_headers_dict=headers
    )


def _http(capture: Capture) -> Any:
    """Return status line and headers of a page of the web; of a page that no one asked for, as far as they are known."""
    from warcio.statusandheaders import StatusAndHeaders

    if not capture.url.startswith(("http:", "https:")):
        return None
    if capture.exchange:
        protocol, _, status = _sayable(capture.exchange.status_line).partition(" ")
        return StatusAndHeaders(status, _sayable_all(capture.exchange.headers), protocol=protocol)
    known = {"Content-Type": capture.content_type, "ETag": capture.etag, "Last-Modified": capture.last_modified}
    lines = [(name, _sayable(value)) for name, value in known.items() if value]
    return StatusAndHeaders(f"{capture.http_status or 200} OK", lines, protocol="HTTP/1.1")


def _stamp(capture: Capture) -> dict[str, str]:
    stamp = {"WARC-Date": capture.captured_at.strftime("%Y-%m-%dT%H:%M:%SZ"), SOURCE_HEADER: capture.source_id}
    had_from = capture.exchange.source_uri if capture.exchange else None
    return stamp | ({SOURCE_URI_HEADER: _uri(had_from)} if had_from else {})


def _uri(url: str) -> str:
    return quote(url, safe=_ASCII.replace(" ", ""))


def _sayable(value: str) -> str:
    """Return a header's value as one line of ASCII, which is all that every reader of headers takes."""
    return quote(" ".join(value.split()), safe=_ASCII)


def _sayable_all(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        ("X-Archive-Orig-Transfer-Encoding" if name.lower() == "transfer-encoding" else _sayable(name), _sayable(value))
        for name, value in headers
    ]
