"""A real web server on loopback for the tests: each path has an answer, and what was asked is written down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What to answer: a status, headers and a body; `act`, given the handler, writes it in its own way."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


@dataclass
class Web:
    """The server's answers by path, and the requests it got: (path, headers, when, how many at once)."""

    port: int
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]

    def headers(self, path: str) -> dict[str, str]:
        return next(headers for asked, headers, _ in reversed(self.asked) if asked == path)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        web = self.server.web
        web.at_once += 1
        web.most_at_once = max(web.most_at_once, web.at_once)
        try:
            web.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, time.monotonic()))
            reply = web.replies.get(self.path, Reply(404))
            if reply.act is not None:
                reply.act(self)
                return
            self.send_response(reply.status)
            for name, value in ({"Content-Length": str(len(reply.body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            web.at_once -= 1

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    web: Web

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet when a client leaves."""


@contextmanager
def serving() -> Iterator[Web]:
    """Serve on a free port of loopback until the end of the block."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.web = Web(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.web
        finally:
            server.shutdown()
            thread.join()
