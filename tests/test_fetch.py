"""Fetching: polite to hosts, conditional, and bounded whatever a server sends."""

from __future__ import annotations

import gzip
import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flows import fetch as fetching
from flows.addresses import is_inside, is_public, redirected, shown, split_address
from flows.errors import FetchError, NoNetwork, RobotsForbidden, UsageError
from flows.fetch import Fetcher, Known, TransientFetchError, network_is_up
from flows.guard import PrivateHosts
from flows.robots import parse
from tests.conftest import ROOT
from tests.serving import Reply, Web, serving

LOOPBACK = ("127.0.0.1", "localhost")


@pytest.fixture
def web():
    with serving() as running:
        yield running


@pytest.fixture
def fetcher():
    made = Fetcher(delay_seconds=0.0, private_hosts=LOOPBACK)
    yield made
    made.close()


# ---------------------------------------------------------------- robots.txt


ROBOTS = [
    ("User-agent: *\nDisallow: /private", "/private/a", False),
    ("User-agent: *\nDisallow: /private", "/public", True),
    ("User-agent: *\nDisallow: /", "/a", False),
    ("User-agent: *\nDisallow:", "/a", True),
    ("", "/a", True),
    ("<!doctype html><title>Not found</title>", "/a", True),
    ("User-agent: other\nDisallow: /", "/a", True),
    ("User-agent: LLM-Convergence\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
    ("User-agent: llm-convergence/2.0\nDisallow: /", "/a", False),
    ("User-agent: *\nDisallow: /\n\nUser-agent: llm-convergence\nDisallow: /x", "/a", True),
    ("User-agent: a\nUser-agent: *\nDisallow: /", "/a", False),
    ("User-agent: *\nAllow: /\nDisallow: /private", "/private", False),  # the longest rule, not the first
    ("User-agent: *\nDisallow: /docs\nAllow: /docs/leaderboards", "/docs/leaderboards/", True),
    ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),  # of two as long, the one that allows
    ("User-agent: *\nDisallow: /*?", "/a?page=2", False),
    ("User-agent: *\nDisallow: /*?", "/a", True),
    ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
    ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf.html", True),
    ("User-agent: *\nDisallow: /a*b*c", "/axxbxxc", False),
    ("User-agent: *\nDisallow: /a*b*c", "/axxcxxb", True),
    ("User-agent: *\nDisallow: /exact$", "/exact", False),
    ("User-agent: *\nDisallow: /exact$", "/exactly", True),
    ("User-agent: *\nDisallow: /*aa$", "/a", True),
    ("\ufeffUser-agent: *\r\nDisallow: /private # not this\r\n", "/private", False),
    ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
    ("user-AGENT: *\nDISALLOW: /a", "/a", False),
    ("Disallow: /", "/a", True),  # a rule for nobody
]


@pytest.mark.parametrize(("text", "path", "expected"), ROBOTS)
def test_robots_txt_means_what_rfc_9309_says(text, path, expected):
    assert parse(text, "llm-convergence").allows(f"https://example.org{path}") is expected


def test_a_hostile_robots_txt_is_read_in_moderate_time():
    many = "User-agent: x\n" * 40_000 + "User-agent: *\nDisallow: /" + "*a" * 2000 + "\n"
    began = time.perf_counter()
    assert parse(many, "llm-convergence").allows("https://example.org/" + "a" * 1000)
    assert time.perf_counter() - began < 2


def test_a_page_that_robots_txt_forbids_is_not_asked_for(web: Web, fetcher):
    web.replies |= {"/robots.txt": Reply(body=b"User-agent: *\nDisallow: /page"), "/page": Reply(body=b"secret")}
    with pytest.raises(RobotsForbidden, match="/page: robots.txt forbids it"):
        fetcher.fetch(web.url("/page"))
    assert web.paths() == ["/robots.txt"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_host_without_robots_txt_may_be_fetched(web: Web, fetcher, status):
    web.replies |= {"/robots.txt": Reply(status), "/page": Reply(body=b"hello")}
    assert fetcher.fetch(web.url("/page")).body == b"hello"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_host_whose_robots_txt_is_out_of_order_is_left_alone_for_now(web: Web, fetcher, status):
    web.replies |= {"/robots.txt": Reply(status), "/page": Reply(body=b"hello")}
    with pytest.raises(TransientFetchError, match=rf"robots.txt: expected status 200; found {status}"):
        fetcher.fetch(web.url("/page"))
    assert "/page" not in web.paths()


def test_a_moved_robots_txt_is_followed(web: Web, fetcher):
    web.replies |= {
        "/robots.txt": Reply(301, headers={"Location": "/rules"}),
        "/rules": Reply(body=b"User-agent: *\nDisallow: /"),
    }
    with pytest.raises(RobotsForbidden):
        fetcher.fetch(web.url("/page"))


def test_a_robots_txt_over_the_limit_counts_as_far_as_it_is_read(web: Web, fetcher):
    web.replies["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /\n" + b"# padding\n" * 200_000)
    with pytest.raises(RobotsForbidden):
        fetcher.fetch(web.url("/page"))


def test_robots_txt_is_asked_for_once_per_run_and_host(web: Web, fetcher):
    web.replies |= {"/a": Reply(body=b"a"), "/b": Reply(body=b"b")}
    for path in ("/a", "/b"):
        fetcher.fetch(web.url(path))
    assert web.paths() == ["/robots.txt", "/a", "/b"]


# ---------------------------------------------------------------- one at a time, with a delay


def test_a_host_gets_one_request_at_a_time_with_a_delay_before_each(web: Web):
    web.replies |= {f"/{n}": Reply(body=b"x") for n in range(3)}
    fetcher = Fetcher(delay_seconds=0.15, private_hosts=LOOPBACK)
    threads = [threading.Thread(target=fetcher.fetch, args=[web.url(f"/{n}")]) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fetcher.close()
    moments = [when for _, _, when in web.asked]
    assert len(moments) == 4  # robots.txt is a request like others
    assert web.most_at_once == 1
    assert min(b - a for a, b in zip(moments, moments[1:], strict=False)) >= 0.14


def test_two_hosts_are_asked_at_the_same_time(web: Web):
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.4)
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    web.replies["/slow"] = Reply(act=slow)
    fetcher = Fetcher(delay_seconds=0.0, private_hosts=LOOPBACK)
    threads = [threading.Thread(target=fetcher.fetch, args=[web.url("/slow", h)]) for h in ("127.0.0.1", "localhost")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fetcher.close()
    assert web.most_at_once == 2


def test_the_delay_that_robots_txt_asks_for_is_kept(web: Web, fetcher):
    web.replies |= {"/robots.txt": Reply(body=b"User-agent: *\nCrawl-delay: 0.2"), "/a": Reply(body=b"a")}
    fetcher.fetch(web.url("/a"))
    fetcher.fetch(web.url("/a"))
    moments = [when for _, _, when in web.asked]
    assert min(b - a for a, b in zip(moments, moments[1:], strict=False)) >= 0.19


def test_every_request_says_who_asks(web: Web, fetcher, monkeypatch):
    monkeypatch.setenv("CONVERGENCE_CONTACT", "someone@example.org")
    web.replies["/a"] = Reply(body=b"a")
    fetcher.fetch(web.url("/a"))
    for path in ("/robots.txt", "/a"):
        agent = web.headers(path)["user-agent"]
        assert agent.startswith("llm-convergence/") and "someone@example.org" in agent
        assert "Mozilla" not in agent


# ---------------------------------------------------------------- conditional requests


def test_a_page_that_did_not_change_comes_without_a_body(web: Web, fetcher):
    web.replies["/a"] = Reply(304, headers={"ETag": '"1"'})
    known = Known("0" * 64, '"1"', "Wed, 01 Jan 2025 00:00:00 GMT")
    answer = fetcher.fetch(web.url("/a"), known=known)
    assert (answer.status, answer.body) == (304, None)
    assert web.headers("/a")["if-none-match"] == '"1"'
    assert web.headers("/a")["if-modified-since"] == "Wed, 01 Jan 2025 00:00:00 GMT"
    assert "if-none-match" not in web.headers("/robots.txt")


def test_not_modified_is_no_answer_to_a_first_request(web: Web, fetcher):
    web.replies["/a"] = Reply(304)
    with pytest.raises(FetchError, match="expected status 200; found 304"):
        fetcher.fetch(web.url("/a"))


@pytest.mark.parametrize("etag", ['"é"', '"a\nb"', "\x00", ""])
def test_an_etag_that_no_header_can_carry_is_left_out(web: Web, fetcher, etag):
    web.replies["/a"] = Reply(body=b"a")
    assert fetcher.fetch(web.url("/a"), known=Known("0" * 64, etag)).body == b"a"
    assert "if-none-match" not in web.headers("/a")


def test_the_answer_carries_what_the_next_request_needs(web: Web, fetcher):
    web.replies["/a"] = Reply(body=b"a", headers={"ETag": '"1"', "Last-Modified": "x", "Content-Type": "text/html"})
    answer = fetcher.fetch(web.url("/a"))
    assert (answer.etag, answer.last_modified, answer.content_type) == ('"1"', "x", "text/html")


# ---------------------------------------------------------------- statuses and Retry-After


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_server_may_be_asked_again(web: Web, fetcher, status):
    web.replies["/a"] = Reply(status)
    with pytest.raises(TransientFetchError, match=rf"/a: expected status 200; found {status}"):
        fetcher.fetch(web.url("/a"))


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 451])
def test_an_answer_that_is_no_page_is_an_error_that_no_retry_mends(web: Web, fetcher, status):
    web.replies["/a"] = Reply(status, headers={"Content-Length": "0"})
    with pytest.raises(FetchError, match=rf"/a: expected status 200; found {status}") as caught:
        fetcher.fetch(web.url("/a"))
    assert not isinstance(caught.value, TransientFetchError)


def in_seconds(n: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=n), usegmt=True)


@pytest.mark.parametrize("retry_after", ["1", in_seconds])
def test_the_next_try_comes_when_the_server_asked_for_it(web: Web, fetcher, retry_after):
    text = retry_after if isinstance(retry_after, str) else retry_after(2)
    web.replies["/a"] = Reply(503, headers={"Retry-After": text})
    with pytest.raises(TransientFetchError):
        fetcher.fetch(web.url("/a"))
    web.replies["/a"] = Reply(body=b"a")
    assert fetcher.fetch(web.url("/a")).body == b"a"
    first, second = [when for path, _, when in web.asked if path == "/a"]
    assert 0.9 <= second - first < 3


@pytest.mark.parametrize("retry_after", ["3600", in_seconds])
def test_a_host_that_wants_a_long_pause_is_not_asked_again_in_this_run(web: Web, fetcher, retry_after):
    text = retry_after if isinstance(retry_after, str) else retry_after(3600)
    web.replies |= {"/a": Reply(429, headers={"Retry-After": text}), "/b": Reply(body=b"b")}
    with pytest.raises(FetchError, match="to be left alone for 3,[56]") as caught:
        fetcher.fetch(web.url("/a"))
    assert not isinstance(caught.value, TransientFetchError)
    with pytest.raises(FetchError, match="the host asks to be left alone"):
        fetcher.fetch(web.url("/b"))
    assert "/b" not in web.paths()


@pytest.mark.parametrize("retry_after", ["soon", "-5", "1e9", "٣", "Thu, 99 Jan 2025", "", "9" * 30])
def test_a_retry_after_that_makes_no_sense_asks_for_nothing(web: Web, fetcher, retry_after):
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: ")
        handler.wfile.write(retry_after.encode() + b"\r\n\r\n")

    web.replies["/a"] = Reply(act=act)
    with pytest.raises(TransientFetchError):
        fetcher.fetch(web.url("/a"))
    web.replies["/a"] = Reply(body=b"a")
    assert fetcher.fetch(web.url("/a")).body == b"a"


# ---------------------------------------------------------------- redirects


def moved(place: str, status: int = 302) -> Reply:
    return Reply(status, headers={"Location": place})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(web: Web, fetcher, status):
    web.replies |= {"/a": moved("/b?x=1", status), "/b?x=1": Reply(body=b"b")}
    assert fetcher.fetch(web.url("/a")).body == b"b"


def test_redirects_are_limited(web: Web, fetcher):
    web.replies["/a"] = moved("/a")
    with pytest.raises(FetchError, match="expected at most 5 redirects; found more"):
        fetcher.fetch(web.url("/a"))
    assert web.paths().count("/a") == 6


def test_a_redirect_to_another_host_asks_that_hosts_robots_txt_and_keeps_our_headers_home(web: Web, fetcher):
    with serving() as other:
        web.replies["/a"] = moved(other.url("/b", "localhost"))
        other.replies["/b"] = Reply(body=b"b")
        answer = fetcher.fetch(web.url("/a"), headers={"X-Key": "secret"}, known=Known("0" * 64, '"1"'))
        assert answer.body == b"b"
        assert other.paths() == ["/robots.txt", "/b"]
        assert not {"x-key", "if-none-match", "cookie", "authorization"} & set(other.headers("/b"))
    assert web.headers("/a")["x-key"] == "secret"


def test_a_redirect_to_a_host_that_forbids_it_ends_there(web: Web, fetcher):
    with serving() as other:
        web.replies["/a"] = moved(other.url("/b", "localhost"))
        other.replies |= {"/robots.txt": Reply(body=b"User-agent: *\nDisallow: /"), "/b": Reply(body=b"b")}
        with pytest.raises(RobotsForbidden, match=f"localhost:{other.port}/b: robots.txt"):
            fetcher.fetch(web.url("/a"))
        assert other.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    "place",
    ["file:///etc/passwd", "ftp://example.org/a", "javascript:alert(1)", "data:text/html,x", "gopher://x", "http://", "//",
     "http://user:secret@127.0.0.1/", "http://[::1", "http://127.0.0.1:99999/", "http://exa mple.org/\x7f"],
)  # fmt: skip
def test_a_redirect_to_what_is_no_page_of_the_web_is_refused(web: Web, fetcher, place):
    web.replies["/a"] = moved(place)
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(web.url("/a"))
    assert not isinstance(caught.value, TransientFetchError)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "localhost", "a.localhost."]
)
def test_a_public_page_cannot_send_us_into_a_private_network(inside):
    with pytest.raises(FetchError, match="expected a redirect to a public host"):
        redirected("https://example.org/a", f"http://{inside}/latest/meta-data")


def test_our_headers_do_not_leave_https_for_http():
    def home(place: str, first: str) -> bool:
        return fetching._is_home(split_address(place), split_address(first))

    assert home("https://example.org/b", "https://example.org/a") and home(
        "https://example.org/", "http://example.org/"
    )
    assert not home("http://example.org/a", "https://example.org/a")
    assert not home("https://other.example.org/a", "https://example.org/a")


# ---------------------------------------------------------------- private networks

PRIVATE = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "10.0.0.1", "172.16.0.1",
           "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "localhost",
           "LOCALHOST.", "a.localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[::127.0.0.1]", "[fe80::1]",
           "[fc00::1]", "[fec0::1]", "[ff02::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]"]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_however_it_is_written(host, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", None)
    with pytest.raises(FetchError, match="which is private or reserved; to allow it, set CONVERGENCE_PRIVATE_HOSTS="):
        Fetcher(delay_seconds=0.0, private_hosts=()).fetch(f"http://{host}/latest/meta-data")


@pytest.mark.parametrize(
    "number", ["1.1.1.1", "193.0.6.139", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_a_public_address_is_public(number):
    assert is_public(number) and not is_inside(number)


def named(monkeypatch, **numbers: list[list[str]]) -> list[str]:
    """Let names of our own stand for these numbers, one list per look-up (the last for all later ones); note each look-up."""
    asked: list[str] = []

    def look_up(host, port, *args, **kwargs):
        host = host.decode() if isinstance(host, bytes) else host
        answers = numbers[host.partition(".")[0]]
        now = answers[min(asked.count(host), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in now]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("numbers", [["127.0.0.1"], ["10.1.2.3"], ["1.1.1.1", "192.168.0.1"]])
def test_a_name_that_stands_for_a_private_address_is_refused_before_connecting(monkeypatch, numbers):
    named(monkeypatch, inside=[numbers])
    monkeypatch.setattr(socket, "create_connection", None)
    with pytest.raises(FetchError, match=rf"inside.example is at {numbers[-1]}, which is private"):
        Fetcher(delay_seconds=0.0, private_hosts=()).fetch("http://inside.example/a")


def test_a_name_that_changes_its_mind_is_caught_at_the_other_end_before_anything_is_sent(web: Web, monkeypatch):
    """DNS rebinding: public when it is looked up, private when it is connected to."""
    asked = named(monkeypatch, rebind=[["1.1.1.1"], ["127.0.0.1"]])
    connected = []
    real = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: connected.append(made := real(*a, **k)) or made)
    web.replies["/a"] = Reply(body=b"secret")
    with pytest.raises(FetchError, match=r"rebind.example is at 127.0.0.1, which is private"):
        Fetcher(delay_seconds=0.0, private_hosts=("127.0.0.1",)).fetch(f"http://rebind.example:{web.port}/a")
    assert len(asked) > 1 and connected and all(made.fileno() == -1 for made in connected), "connected to, and left"
    assert web.asked == []


@pytest.mark.parametrize("listed", ["{host}", "{host}:{port}", " other.example , {host}:{port} ", "INTRANET.example."])
def test_a_private_host_may_be_asked_where_it_is_listed(web: Web, monkeypatch, listed):
    named(monkeypatch, intranet=[["127.0.0.1"]])
    web.replies["/a"] = Reply(body=b"a")
    monkeypatch.setenv("CONVERGENCE_PRIVATE_HOSTS", listed.format(host="intranet.example", port=web.port))
    fetcher = Fetcher(delay_seconds=0.0)
    assert fetcher.fetch(f"http://intranet.example:{web.port}/a").body == b"a"
    fetcher.close()


@pytest.mark.parametrize("listed", ["", "127.0.0.1", "intranet.example:1", "example", "a.intranet.example"])
def test_a_listing_speaks_of_that_host_and_port_only(web: Web, monkeypatch, listed):
    named(monkeypatch, intranet=[["127.0.0.1"]])
    fetcher = Fetcher(delay_seconds=0.0, private_hosts=[listed])
    with pytest.raises(FetchError, match=f"set CONVERGENCE_PRIVATE_HOSTS=intranet.example:{web.port}"):
        fetcher.fetch(f"http://intranet.example:{web.port}/a")
    assert web.asked == []


@pytest.mark.parametrize("entry", ["a:b", ":80", "a:", "[::1]:x"])
def test_a_listing_that_makes_no_sense_is_wrong_usage(entry):
    with pytest.raises(UsageError, match="expected HOST or HOST:PORT; found"):
        PrivateHosts.of([entry])


def test_a_listing_may_be_an_ipv6_address():
    hosts = PrivateHosts.of(["::1", "[fc00::2]", "[fc00::3]:81"])
    assert [hosts.allows(h, 80) for h in ("::1", "fc00::2", "fc00::3")] == [True, True, False]
    assert hosts.allows("fc00::3", 81)


def test_a_page_elsewhere_cannot_send_us_to_a_private_host_that_is_listed(web: Web, monkeypatch):
    """The listing was made for the source that lies there."""
    with serving() as listed:
        named(monkeypatch, first=[["127.0.0.1"]], intranet=[["127.0.0.1"]])
        hosts = PrivateHosts.of([f"intranet.example:{listed.port}"])
        before, after = (split_address(u) for u in ("https://example.org/", f"http://intranet.example:{listed.port}/a"))
        with pytest.raises(FetchError, match="expected a redirect to a public host; found intranet.example"):
            hosts.check_redirect(before, after)
        web.replies["/a"] = moved(f"http://intranet.example:{listed.port}/a")
        fetcher = Fetcher(delay_seconds=0.0, private_hosts=[f"first.example:{web.port}"])
        with pytest.raises(FetchError, match="intranet.example is at 127.0.0.1, which is private"):
            fetcher.fetch(f"http://first.example:{web.port}/a")
        assert listed.asked == []
        fetcher.close()


def test_robots_txt_cannot_send_us_into_a_private_network_either(web: Web, fetcher):
    with serving() as inside:
        web.replies |= {"/robots.txt": moved(inside.url("/robots.txt", "127.0.0.2")), "/a": Reply(body=b"a")}
        assert fetcher.fetch(web.url("/a")).body == b"a"
        assert inside.asked == []


def test_a_proxy_of_the_environment_is_the_users_own_choice(web: Web, monkeypatch):
    """It may be private, and it looks names up; an address that is private as it is written is refused all the same."""
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", web.url(""))
    web.replies["http://page.example/a"] = Reply(body=b"a")
    fetcher = Fetcher(delay_seconds=0.0, private_hosts=())
    assert fetcher.fetch("http://page.example/a").body == b"a"
    with pytest.raises(FetchError, match="expected a public host; found 10.0.0.1"):
        fetcher.fetch("http://10.0.0.1/a")
    fetcher.close()


# ---------------------------------------------------------------- certificates


def test_a_certificate_that_nobody_vouches_for_is_a_clear_error_and_nothing_is_asked(fetcher, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    with context.wrap_socket(listening.accept()[0], server_side=True) as connection:
                        asked.append(connection.recv(1000))
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/a"
        with pytest.raises(
            FetchError, match=r"expected a certificate that can be trusted; found .*self.signed"
        ) as caught:
            fetcher.fetch(url)
    assert not isinstance(caught.value, TransientFetchError | NoNetwork) and url.removesuffix("/a") in str(caught.value)
    assert not any(asked)


def self_signed(folder: Path) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=2))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    pem = serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(text + made.sign(key, hashes.SHA256()).public_bytes(pem))
    return folder / "both.pem"


# ---------------------------------------------------------------- bounded, whatever is sent


def streamed(*pieces: bytes, pause: float = 0.0, headers: str = "", length: int | None = None) -> Reply:
    def act(handler: BaseHTTPRequestHandler) -> None:
        said = f"Content-Length: {length}\r\n" if length is not None else ""
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{said}{headers}\r\n".encode())
        handler.close_connection = True
        for piece in pieces:
            handler.wfile.write(piece)
            time.sleep(pause)

    return Reply(act=act)


def test_a_body_over_the_limit_is_stopped_while_it_comes(web: Web, fetcher, monkeypatch):
    sent = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(10_000):
            handler.wfile.write(b"x" * 65_536)
            sent.append(1)

    monkeypatch.setattr(fetching, "MAX_BYTES", 1_000_000)
    monkeypatch.setitem(Fetcher._get.__kwdefaults__, "max_bytes", 1_000_000)
    web.replies["/a"] = Reply(act=endless)
    with pytest.raises(FetchError, match="expected at most 1,000,000 bytes; found more"):
        fetcher.fetch(web.url("/a"))
    assert len(sent) < 1000


def test_a_body_that_drips_is_given_up(web: Web, fetcher, monkeypatch):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.5)
    web.replies["/a"] = streamed(*[b"x"] * 100, pause=0.1)
    began = time.monotonic()
    with pytest.raises(TransientFetchError, match=r"expected the page within 0.5 seconds"):
        fetcher.fetch(web.url("/a"))
    assert time.monotonic() - began < 2


def test_headers_that_drip_are_given_up(web: Web, fetcher, monkeypatch):
    def act(handler: BaseHTTPRequestHandler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)

    web.replies |= {"/robots.txt": Reply(404), "/a": Reply(act=act)}
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(TransientFetchError, match=r"expected the page within 0.5 seconds; found none"):
        fetcher.fetch(web.url("/a"))
    assert time.monotonic() - began < 2


def test_a_body_cut_short_is_no_page(web: Web, fetcher):
    web.replies["/a"] = streamed(b"<html>half", length=1000)
    with pytest.raises(TransientFetchError, match="RemoteProtocolError"):
        fetcher.fetch(web.url("/a"))


def test_a_chunked_body_cut_short_is_no_page(web: Web, fetcher):
    web.replies["/a"] = streamed(b"5\r\nhello\r\n5\r\nhe", headers="Transfer-Encoding: chunked\r\n")
    with pytest.raises(TransientFetchError):
        fetcher.fetch(web.url("/a"))


def test_a_compressed_body_comes_unpacked(web: Web, fetcher):
    body = b"".join(b"%d\n" % n for n in range(50_000))
    for packed in (gzip.compress(body), gzip.compress(body[:1000]) + gzip.compress(body[1000:])):
        web.replies["/a"] = Reply(body=packed, headers={"Content-Encoding": "gzip"})
        assert fetcher.fetch(web.url("/a")).body == body


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072])
def test_a_compressed_body_of_any_size_comes_whole(web: Web, fetcher, size):
    web.replies["/a"] = Reply(body=gzip.compress(b"x" * size), headers={"Content-Encoding": "gzip"})
    assert fetcher.fetch(web.url("/a")).body == b"x" * size


@pytest.mark.parametrize("cut", [1, 8, 100])
def test_a_compressed_body_cut_short_is_no_page(web: Web, fetcher, cut):
    packed = gzip.compress(b"".join(b"%d\n" % n for n in range(5000)))[:-cut]
    web.replies["/a"] = Reply(body=packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(TransientFetchError, match="cut short"):
        fetcher.fetch(web.url("/a"))


def test_a_bomb_is_not_unpacked(web: Web, fetcher):
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(200)) + packer.flush()
    web.replies["/a"] = Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match=r"expected at most 33,554,432 bytes; found more"):
        fetcher.fetch(web.url("/a"))


GREEDY = """
import resource, sys, tracemalloc
from flows.errors import FetchError
from flows.fetch import Fetcher
fetcher = Fetcher(delay_seconds=0.0)
fetcher.client
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tracemalloc.start()
for url in sys.argv[1:]:
    try:
        fetcher.fetch(url)
    except FetchError as error:
        print(error)
print(tracemalloc.get_traced_memory()[1])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_ten_gigabytes_and_a_bomb_cost_no_more_memory_than_a_page_may(web: Web):
    """Measured in a process of its own: what Python allots at most, and what the system gives it."""
    sent = {"/endless": 0, "/chunked": 0}
    bomb = zlib.compressobj(wbits=31)
    packed = b"".join(bomb.compress(b"\0" * (1 << 20)) for _ in range(1000)) + bomb.flush()

    def lazily(path: str, headers: str, before: bytes = b"", after: bytes = b"") -> Reply:
        def act(handler: BaseHTTPRequestHandler) -> None:
            handler.close_connection = True
            handler.wfile.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n".encode())
            for _ in range(10 * (1 << 30) // 65_536):
                handler.wfile.write(before + b"x" * 65_536 + after)
                sent[path] += 65_536

        return Reply(act=act)

    web.replies |= {
        "/endless": lazily("/endless", ""),
        "/chunked": lazily("/chunked", "Transfer-Encoding: chunked\r\n", b"10000\r\n", b"\r\n"),
        "/announced": Reply(headers={"Content-Length": str(10 << 30)}),
        "/bomb": Reply(body=packed, headers={"Content-Encoding": "gzip"}),
    }
    urls = [web.url(path) for path in ("/endless", "/chunked", "/announced", "/bomb")]
    environment = {**os.environ, "CONVERGENCE_PRIVATE_HOSTS": "127.0.0.1"}
    program = [sys.executable, "-c", GREEDY, *urls]
    done = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60)
    *errors, traced, resident = done.stdout.splitlines()
    assert [e.partition("; found ")[2] for e in errors] == ["more", "more", "10,737,418,240 announced", "more"], done
    assert all("expected at most 33,554,432 bytes" in error for error in errors)
    assert max(sent.values()) < 80e6
    assert int(traced) < 80e6 and int(resident) < 160e6


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "deflate", "x" * 500])
def test_layers_and_codings_we_did_not_ask_for_are_refused(web: Web, fetcher, coding):
    web.replies["/a"] = Reply(body=gzip.compress(gzip.compress(b"x")), headers={"Content-Encoding": coding})
    with pytest.raises(FetchError, match="expected no compression but gzip"):
        fetcher.fetch(web.url("/a"))


def test_empty_blocks_without_end_are_given_up(web: Web, fetcher, monkeypatch):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.5)
    start = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    web.replies["/a"] = streamed(start, *[b"\0\0\0\xff\xff"] * 100, pause=0.05, headers="Content-Encoding: gzip\r\n")
    with pytest.raises(TransientFetchError, match=r"within 0.5 seconds"):
        fetcher.fetch(web.url("/a"))


@pytest.mark.parametrize(
    "garbage", [b"\0" * 100, b"HTTP/1.1 abc\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
def test_an_answer_that_is_no_http_may_be_asked_for_again(web: Web, fetcher, garbage):
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(garbage)
        handler.close_connection = True

    web.replies["/a"] = Reply(act=act)
    with pytest.raises(TransientFetchError):
        fetcher.fetch(web.url("/a"))


# ---------------------------------------------------------------- addresses and networks


def test_a_host_that_refuses_the_connection_is_no_network(fetcher):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(NoNetwork, match="the host cannot be reached"):
            fetcher.fetch(f"http://127.0.0.1:{held.getsockname()[1]}/a")


def test_a_host_that_does_not_exist_is_no_network(fetcher, monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NoNetwork, match="Name or service not known"):
        fetcher.fetch("http://does-not-exist.invalid/a")


def test_a_name_that_nobody_answers_for_is_given_up(fetcher, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(10) and [])
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(TransientFetchError, match=r"within 0.3 seconds"):
        fetcher.fetch("http://slow.invalid/a")
    assert time.monotonic() - began < 2
    release.set()


@pytest.mark.parametrize(
    "url", ["", "example.org/a", "file:///etc/passwd", "ftp://example.org", "http://", "http://h:99999/", "http://[::1"]
)
def test_an_address_that_is_none_of_the_web_is_wrong_usage(fetcher, url):
    with pytest.raises(UsageError, match="expected an http or https address"):
        fetcher.fetch(url)


def test_no_password_or_token_is_shown(web: Web, fetcher, caplog):
    assert shown("https://me:secret@example.org/a@b") == "https://example.org/a@b"
    assert (
        shown("https://example.org/a?x=1&api_key=secret&Token=secret#f")
        == "https://example.org/a?x=1&api_key=...&Token=...#f"
    )
    caplog.set_level(logging.DEBUG, logger="flows")
    with pytest.raises(UsageError) as caught:
        fetcher.fetch(f"http://me:secret@127.0.0.1:{web.port}/a")
    with pytest.raises(FetchError) as second:
        fetcher.fetch(web.url("/a?api_key=secret"))
    assert "secret" not in f"{caught.value} {second.value} {caplog.text}"


def test_the_network_is_up_when_any_host_answers(web: Web, monkeypatch):
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{held.getsockname()[1]}/"
        assert network_is_up([closed, web.url("/")])
        assert not network_is_up([closed])
    assert not network_is_up([])
    assert web.paths() == []  # nothing is asked


def test_a_missing_network_is_noticed_in_seconds_even_when_names_hang(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr("urllib.request.getproxies", dict)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(30) and [])
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.5)
    began = time.monotonic()
    assert not network_is_up([f"https://host-{n}.invalid/" for n in range(40)])
    assert time.monotonic() - began < 1.5
    release.set()


def test_the_real_limit_for_noticing_a_missing_network_is_about_five_seconds():
    assert fetching.CONNECT_SECONDS <= 5
