"""The picture in the documentation is drawn from the table."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from entitlements.routing.offers.lifecycle import TRANSITIONS, TransitionKind
from entitlements.routing.offers.pictures import draw_offers

SVG = Path(__file__).parents[3] / "docs" / "_static" / "routing-offers.svg"


def test_the_page_shows_the_table_as_it_is() -> None:
    assert SVG.read_text("utf-8") == draw_offers(), "run draw_offers() into docs/_static again"


def test_every_transition_is_in_the_picture() -> None:
    texts = " ".join(each.text or "" for each in ET.fromstring(draw_offers()).iter())  # noqa: S314 - our own text
    assert all(row.kind in texts for row in TRANSITIONS)
    paths = draw_offers().count('class="path"')
    moving = {(r.source, r.target) for r in TRANSITIONS if r.source is not r.target}
    cancelling = {(r.source, r.target) for r in TRANSITIONS if r.kind is TransitionKind.CANCELLED}
    assert paths == len(moving - cancelling)
