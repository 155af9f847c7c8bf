from __future__ import annotations

import re
from html.parser import HTMLParser

from tests.outcomes.reports.test_report import example
from tests.outcomes.test_attainment import START, at, case

from entitlements.outcomes import report, report_to_html
from entitlements.sla import Event

_VOID = {"meta", "rect", "br"}


class Balance(HTMLParser):
    """Elements that are open, to see that each one is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - its signature
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def test_a_page_is_whole_and_needs_no_other_file() -> None:
    page = report_to_html(example())
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r"(?i)(src|href)=|url\(|@import|<script|https?://", page)
    assert "@media print" in page
    assert "<summary>50.00 % (1 of 2)</summary><p>R-1, R-2</p>" in page
    assert '<rect width="40.0"' in page


def test_a_trend_is_opened_to_the_ids_of_each_week() -> None:
    cases = [case(f"R-{n}", [Event.opened(at(24 * n))]) for n in (0, 8, 9)]
    found = report(cases, START, at(14 * 24))
    names = [each.name for each in found.trends]
    page = report_to_html(found)
    assert "first_response attainment" in names
    assert (
        "<details><summary>cases opened</summary><ul><li>2026-03-01: 1: R-0</li>"
        "<li>2026-03-08: 2: R-8, R-9</li></ul></details>"
    ) in page
    assert "<summary>cases opened" not in report_to_html(
        report(cases, START, at(14 * 24), keep_ids=False)
    )


def test_what_customers_write_is_escaped() -> None:
    text = "<script>&x"
    evil = case(text, [Event.opened(at(1)), Event.paused(at(2), text, by=text)], severity=text)
    page = report_to_html(report([evil], START, at(24), customer="acme", unread={text: text}))
    assert "<script" not in page
    assert page.count("&lt;script&gt;&amp;x") > 10
