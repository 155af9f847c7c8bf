"""The pictures of the documentation are drawn by the code."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from entitlements.calendars import Calendar
from entitlements.calendars.pictures import draw_week

STATIC = Path(__file__).parents[2] / "docs" / "_static"
SVG = "{http://www.w3.org/2000/svg}"
DESK = Calendar(
    zone="Europe/Berlin",
    week="Mo-Fr 09:00-12:30,13:00-17:30; Sa 22:00-06:00; Su 22:00-24:00",
    name="Berlin",
)
WEEKS = {"calendars-spring.svg": "2026-03-23", "calendars-autumn.svg": "2026-10-19"}


@pytest.mark.parametrize("name", WEEKS)
def test_the_page_shows_what_the_code_draws(name: str) -> None:
    assert (STATIC / name).read_text(encoding="utf-8") == draw_week(DESK, WEEKS[name])


@pytest.mark.parametrize(
    ("name", "sunday"), [("calendars-spring.svg", 23), ("calendars-autumn.svg", 25)]
)
def test_a_date_with_a_clock_change_has_23_or_25_hours(name: str, sunday: int) -> None:
    picture = ET.fromstring(draw_week(DESK, WEEKS[name]))  # noqa: S314 - our own picture
    lengths = [
        float(each.get("width", 0)) / 26
        for each in picture.iter(f"{SVG}rect")
        if each.get("class") == "date"
    ]
    assert lengths == [24] * 6 + [sunday]
    assert len(list(picture.iter(f"{SVG}line"))) == 1
