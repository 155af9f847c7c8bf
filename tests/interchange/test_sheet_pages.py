from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import given
from tests.billing.fees.test_standing_charges import MONTHLY
from tests.interchange.test_sheets import sheet_of, sheet_of_work

from entitlements.billing import Sheet, StandingCharge
from entitlements.interchange import sheet_to_html
from entitlements.kernel import InvalidValueError, Money
from entitlements.testing.strategies.worlds.billing import BilledWorld, billed_worlds

FEE = attrs.evolve(MONTHLY, start=date(2026, 3, 1))
HOSTILE = "<script src=//x.example/a.js></script>\"'><img src=x onerror=alert(1)>&amp;"
VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a browser sees: elements that are closed in order, their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.given: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.given += attrs
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"td", "dd", "h1", "title"}:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "dd", "h1", "title"} & {*self.open}:
            self.cells[-1] += data


@given(billed_worlds())
def test_the_page_has_a_row_for_each_line_and_the_total_last(world: BilledWorld) -> None:
    sheet = sheet_of_work(world)
    page = Page(sheet_to_html(sheet, "Europe/Berlin"))
    assert page.tags.count("tr") == 1 + len(sheet.lines) + len(sheet.totals) + 1
    assert page.cells[-1] == str(sheet.total)
    amounts = [str(each.amount) for each in sheet.lines]
    assert [each for each in page.cells if each.endswith(" EUR")][1 : 1 + len(amounts)] == amounts


def test_times_are_local_and_have_the_names_of_their_offsets() -> None:
    page = Page(sheet_to_html(sheet_of(FEE), "Europe/Berlin"))
    assert "2026-03-01 00:00 CET to 2026-04-01 00:00 CEST" in page.cells
    assert ("datetime", "2026-03-31T22:00:00Z") in page.given
    assert "Europe/Berlin" in page.cells
    with pytest.raises(InvalidValueError, match="is not a time zone"):
        sheet_to_html(sheet_of(FEE), "Europe/<b>")


def test_hostile_ids_are_text() -> None:
    sheet = attrs.evolve(sheet_of(hostile_fee()), id=HOSTILE, customer=HOSTILE)
    page, harmless = (Page(sheet_to_html(each, "UTC")) for each in (sheet, sheet_of(FEE)))
    assert page.tags == harmless.tags
    assert {name for name, _ in page.given} == {name for name, _ in harmless.given}
    assert page.cells.count(f"Statement {HOSTILE}") == 2
    assert HOSTILE in page.cells
    assert f"`{HOSTILE}`" in page.cells


def hostile_fee() -> StandingCharge:
    return attrs.evolve(FEE, id=HOSTILE)


def test_a_page_loads_nothing() -> None:
    text = sheet_to_html(sheet_of(FEE), "UTC")
    assert not {"script", "link", "img", "iframe", "svg"} & {*Page(text).tags}
    assert not {"src", "href", "style"} & {name for name, _ in Page(text).given}
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_an_empty_sheet_is_a_page_with_nothing_to_pay() -> None:
    empty: Sheet = attrs.evolve(sheet_of(FEE), lines=())
    assert Page(sheet_to_html(empty, "UTC")).cells[-1] == str(Money(0, "EUR"))
