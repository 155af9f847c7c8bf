from __future__ import annotations

import pytest
from tests.outcomes.test_attainment import at

from entitlements.aftersales import Survey
from entitlements.kernel import InvalidValueError
from entitlements.outcomes import (
    ReportRecords,
)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"score": 3}, "an answer has a score and an instant"),
        ({"answered": at(2)}, "an answer has a score and an instant"),
        ({"answered": at(0), "score": 3}, "earlier than the question"),
        ({"answered": at(2), "score": 6}, "not on the scale from 1 to 5"),
        ({"kind": "nps", "answered": at(2), "score": 11}, "not on the scale from 0 to 10"),
        ({"kind": "ces", "answered": at(2), "score": 0}, "not on the scale from 1 to 7"),
        ({"kind": "stars"}, "not a known survey kind"),
    ],
)
def test_answers_outside_the_scale_are_refused(fields: dict[str, object], message: str) -> None:
    stated = {"case": "R-1", "kind": "csat", "asked": at(1)} | fields
    with pytest.raises(InvalidValueError, match=message):
        Survey(**stated)  # type: ignore[arg-type]


def test_records_hold_records() -> None:
    for name in ("surveys", "outages", "maintenance"):
        with pytest.raises(InvalidValueError):
            ReportRecords(**{name: ["x"]})  # type: ignore[arg-type]
