"""The pictures of the billing page are drawn from the month that the page describes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from entitlements.billing import ChargeLine, WorkLog
from entitlements.billing.pictures import draw_cases, draw_prepaid
from entitlements.contracts import Grant
from entitlements.documents import parse_facts
from entitlements.engine import statement
from entitlements.kernel import InvalidValueError

DOCS = Path(__file__).parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
GRANT = Grant(
    id="grant^pool^C-1^main^hours^2026-03-11",
    unit="minutes",  # type: ignore[arg-type]
    amount=120,
    effective="2026-03-11T00:00+01:00",  # type: ignore[arg-type]
    expires="2026-04-11T00:00+02:00",  # type: ignore[arg-type]
    allowance="hours",
)


def month() -> tuple[ChargeLine, ...]:
    page = (DOCS / "billing.md").read_text("utf-8")
    page = page[page.index("## One contract's month") :]
    found = re.search(r'parse_facts\(\n    """(.*?)"""', page, re.DOTALL)
    assert found is not None
    fields = r",\s+".join(f'{name}="([^"]+)"' for name in ("id", "case", "agent", "start", "end"))
    logs = re.findall(rf"WorkLog\(\s*{fields}", page[found.end() :])
    work = [WorkLog(id=a, case=b, agent=c, start=d, end=e) for a, b, c, d, e in logs]
    facts = parse_facts(dedent(found[1]))
    return statement(facts, "acme", date(2026, 3, 1), date(2026, 4, 1), work).sheet.lines


def test_the_page_shows_what_the_code_draws() -> None:
    pictures = {
        "billing-prepaid.svg": draw_prepaid(GRANT, month()),
        "billing-cases.svg": draw_cases(month()),
    }
    for name, picture in pictures.items():
        assert (DOCS / "_static" / name).read_text(encoding="utf-8") == picture


def test_prepaid_time_falls_by_what_each_case_took() -> None:
    picture = ET.fromstring(draw_prepaid(GRANT, month()))  # noqa: S314 - our own picture
    (line,) = picture.iter(f"{SVG}polyline")
    heights = [150 - int(point.split(",")[1]) for point in str(line.get("points")).split()]
    assert heights == [120, 120, 45, 45, 0, 0]  # 75 and 45 of 120 minutes, on 120 pixels


def test_the_bar_of_a_case_is_as_long_as_its_billed_time() -> None:
    picture = ET.fromstring(draw_cases(month()))  # noqa: S314 - our own picture
    bars = [(each.get("class"), int(each.get("width", 0))) for each in picture.iter(f"{SVG}rect")]
    assert [kind for kind, _ in bars] == [
        "prepaid", "included", "prepaid", "time_and_materials", "time_and_materials",
    ]  # fmt: skip
    # 75, 50, 45, 15 and 45 minutes; the longest case has 105 on 550 pixels
    assert [wide for _, wide in bars] == [392, 261, 235, 78, 235]
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert texts[1:] == ["R-1", "nothing", "R-2", "nothing", "R-3", "165.00 EUR"]


def test_nothing_is_not_drawn() -> None:
    with pytest.raises(InvalidValueError):
        draw_cases([])
    with pytest.raises(InvalidValueError):
        draw_prepaid(Grant(id="g", unit="minutes", amount=0, effective=GRANT.effective), [])  # type: ignore[arg-type]
