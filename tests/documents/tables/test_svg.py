from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date

from tests.documents.tables.texts import tables

from entitlements.documents.tables.svg import tables_as_svg

SPACE = "{http://www.w3.org/2000/svg}"


def test_the_picture_has_every_text_of_the_table() -> None:
    picture = ET.fromstring(tables_as_svg(tables(), date(2026, 3, 25)))  # noqa: S314 - our own
    texts = [each.text for each in picture.iter(f"{SPACE}text")]
    for expected in (
        "Gold & <b>*more*</b>",
        "first response",
        "4h always",
        "<desk>|1 a<b",
        "named contacts: any number",
    ):
        assert expected in texts
    assert len(list(picture.iter(f"{SPACE}svg"))) == 2  # the picture, and one week in it


def test_nothing_lies_outside_the_picture() -> None:
    picture = ET.fromstring(tables_as_svg(tables(), date(2026, 3, 25)))  # noqa: S314 - our own
    height = float(picture.attrib["height"])
    tops = [
        float(each.attrib["transform"].partition(",")[2].rstrip(")"))
        for each in picture.iter(f"{SPACE}g")
    ]
    assert tops == sorted(tops)
    assert tops[-1] + 290 <= height
