from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.test_trends import START, trend

from entitlements.outcomes import Share, Trend, draw_counts, draw_trends

SVG = "{http://www.w3.org/2000/svg}"

points = st.lists(st.integers(0, 20), max_size=20)


@given(points, st.booleans())
def test_each_point_that_is_known_is_drawn_inside_of_the_picture(
    drawn: list[int],
    are_shares: bool,  # noqa: FBT001 - drawn
) -> None:
    shares = [
        Share(min(each, 9), 0 if each == 9 else 20) if each != 9 else Share(0, 0) for each in drawn
    ]
    one = trend(
        "shares" if are_shares else "values", shares if are_shares else drawn, min(6, len(drawn))
    )
    root = ET.fromstring(draw_trends([one]))  # noqa: S314 - made here
    circles = list(root.iter(f"{SVG}circle"))
    assert len(circles) == sum(not are_shares or each != 9 for each in drawn)
    for each in circles:
        assert 0 <= float(each.get("cx", "-1")) <= 700
        assert 0 <= float(each.get("cy", "-1")) <= 130


def test_what_has_changed_is_red_and_said() -> None:
    one = trend("events", [2, 3, 2, 3, 2, 3, 12], name="complaints <of acme>")
    picture = draw_trends([one])
    assert picture.count('class="odd"') == 1
    assert "complaints &lt;of acme&gt; above the usual range" in picture
    assert "There are no trends" in draw_trends([])


def test_bars_are_as_high_as_their_counts() -> None:
    picture = draw_counts("opened", {"Monday": 4, "Tuesday": 2, "x": 0})
    root = ET.fromstring(picture)  # noqa: S314 - made here
    heights = [float(each.get("height", "-1")) for each in root.iter(f"{SVG}rect")]
    assert heights == [heights[0], heights[0] / 2, 0]
    assert draw_counts("opened", {}).count("<rect") == 0


def test_a_trend_of_one_week_is_a_point() -> None:
    alone = Trend(name="x", kind="values", starts=[START], points=[3], baseline=0)  # type: ignore[arg-type]
    assert draw_trends([alone]).count("<circle") == 1
