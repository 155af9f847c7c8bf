from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

from tests.documents.tables.texts import tables

from entitlements.documents.tables.html import tables_as_html


class Cells(HTMLParser):
    """The texts of a page by the element that they are in, and whether elements are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag not in {"meta", "br", "rect", "line"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "line"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append((self.open[-1], data))


def test_a_plan_is_a_section_with_a_table_and_names_are_escaped() -> None:
    page = Cells(tables_as_html(tables(), date(2026, 3, 25)))
    assert page.open == []
    assert ("h2", "Gold & <b>*more*</b>") in page.found
    assert [text for tag, text in page.found if tag == "th"] == [
        "severity",
        "first response",
        "reached",
        "high",
    ]
    assert [text for tag, text in page.found if tag == "td"] == [
        "4h always",
        "<desk>|1 a<b",
        "<desk>|1 unknown",
    ]


def test_calendars_of_known_weeks_are_drawn() -> None:
    text = tables_as_html(tables(), date(2026, 3, 25))
    assert text.count("<svg") == 1
    assert tables_as_html(tables(), date(2020, 3, 25)).count("<svg") == 2


def test_the_page_needs_no_other_file() -> None:
    text = tables_as_html(tables(), date(2026, 3, 25))
    assert "src=" not in text
    assert "href=" not in text
