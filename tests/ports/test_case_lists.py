import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.ports import CaseFilter, CaseSummary
from entitlements.ports.case_lists import cursor_of, place_of, place_or_none
from entitlements.sla import CaseStatus

NOON = utc("2026-03-02T12:00Z")
CASE = CaseSummary(
    id="R-1", customer="acme", opened=NOON, status="open", severity="S1", due=NOON, agent="ada"
)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"customer": "acme", "agent": "ada", "severity": "S1"}, True),
        ({"customer": "other"}, False),
        ({"group": "dba"}, False),
        ({"statuses": ["open", "paused"]}, True),
        ({"statuses": "resolved"}, False),
        ({"due_before": NOON}, False),
        ({"due_before": "2026-03-02T12:00:00.000001Z"}, True),
    ],
)
def test_all_that_is_given_applies(wanted: dict[str, object], fits: bool) -> None:  # noqa: FBT001 - of a table
    assert CaseFilter(**wanted).fits(CASE) is fits  # type: ignore[arg-type]


def test_a_cursor_names_a_place() -> None:
    assert place_of(cursor_of(CASE.place)) == CASE.place
    assert place_of(cursor_of((-5, "a.b"))) == (-5, "a.b")
    assert place_or_none(None) is None
    for wrong in ("", "5", "x.R-1", "5.", "99999999999999999999.x", "5.a\0"):
        with pytest.raises(InvalidValueError):
            place_of(wrong)
    with pytest.raises(InvalidValueError, match="not the place"):
        place_or_none((5,))  # type: ignore[arg-type]


def test_a_status_is_one_of_those_of_cases() -> None:
    assert CaseFilter(statuses=["paused", "open", "open"]).statuses == (
        CaseStatus.OPEN,
        CaseStatus.PAUSED,
    )
    with pytest.raises(InvalidValueError, match="sleeping"):
        CaseFilter(statuses="sleeping")
