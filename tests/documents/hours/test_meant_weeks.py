from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Week
from entitlements.documents.hours.meant_weeks import meant_hours, meant_week


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("9-17", "Mo-Su 09:00-17:00"),
        ("9am-5pm", "Mo-Su 09:00-17:00"),
        ("Mo-Fr 8:30 am - 5:30 pm", "Mo-Fr 08:30-17:30"),
        ("Sat & Sun 09:00-17:00", "Sa-Su 09:00-17:00"),
        ("Mo-Fr 22-6", "Mo-Fr 22:00-30:00"),
        ("\u201cMo-Fr 09:00-17:00\u201d", "Mo-Fr 09:00-17:00"),
        ("whenever", None),
        ("Mo-Fr", None),
        ("Mo " * 60, None),
    ],
)
def test_hours_in_other_words(text: str, hours: str | None) -> None:
    assert meant_hours(text) == (None if hours is None else Week(hours).text)


def test_a_number_of_hours_and_days_does_not_say_which_hours() -> None:
    assert meant_week("8x5") == "write which hours: `Mo-Fr 09:00-17:00`"


@given(st.text(alphabet="MoTuFr09:-, apmto\u2013&;x", max_size=60))
def test_what_was_meant_is_a_week_and_read_as_itself(text: str) -> None:
    found = meant_hours(text)
    assert found is None or Week(found).text == found
