"""How long reading takes, measured against the parser alone in the same run: `pytest tests/benchmarks --benchmark-only`."""

import pytest
from lxml import html

pytest.importorskip("pytest_benchmark")

PAGES = [
    "anthropic_pricing/2026-05-08/pricing.html",
    "google_cloud_pricing/2026-05-08/pricing.html",
    "lmarena/2026-02-07/text.html",
    "aider/2025-10-10/index.html",
    "google_pricing_markdown/2026-05-08/pricing.md",
    "mistral_pricing/2026-05-08/pricing.html",
]


@pytest.fixture(params=PAGES, ids=lambda name: name.split("/")[0])
def real_page(request, captures):
    return captures / request.param


def test_parse_alone(benchmark, real_page):
    if real_page.suffix != ".html":
        pytest.skip("no parser of markdown to compare with")
    body = real_page.read_bytes()
    benchmark.group = real_page.parts[-3]
    benchmark(lambda: html.document_fromstring(body))


def test_read_tables_and_check_the_page(benchmark, real_page, open_page):
    benchmark.group = real_page.parts[-3]

    def read():
        opened = open_page(real_page)
        opened.check_whole()
        return opened.tables

    benchmark(read)


def test_read_the_payload(benchmark, real_page, open_page):
    benchmark.group = real_page.parts[-3]
    benchmark(lambda: open_page(real_page).payload)
