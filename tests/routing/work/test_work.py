"""One piece of work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import Work

NINE = utc("2026-03-02T09:00Z")


def test_instants_come_in_any_zone_and_stay_in_utc() -> None:
    assert Work(id="R-1", opened="2026-03-02T10:00+01:00") == Work(id="R-1", opened=NINE)


def test_a_single_name_is_a_list_of_one() -> None:
    assert Work(id="R-1", opened=NINE, preferred_agents="ada").preferred_agents == (("ada",),)
    assert Work(id="R-1", opened=NINE, excluded_agents="ada").excluded_agents == {"ada"}


def test_without_a_plan_nothing_changes() -> None:
    work = Work(id="R-1", opened=NINE)
    assert work.next_change_at(NINE) is None
    assert work.requirement_at(NINE) is work.requires


@pytest.mark.parametrize(
    "fields",
    [{"rank": -1}, {"rank": True}, {"id": ""}, {"opened": NINE.replace(tzinfo=None)}, {"due": 5}],
)
def test_nonsense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        Work(**{"id": "R-1", "opened": NINE, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["requested", "routable"])
def test_work_cannot_wait_before_its_opening(name: str) -> None:
    with pytest.raises(InvalidValueError, match=f"is {name} at .* before its opening"):
        Work(id="R-1", opened=NINE, **{name: NINE - timedelta(microseconds=1)})
    assert getattr(Work(id="R-1", opened=NINE, **{name: NINE}), name) == NINE


def test_steps_taken_and_demoted_agents_are_checked() -> None:
    assert Work(id="R-1", opened=NINE, demoted_agents="ada").demoted_agents == {"ada"}
    for wrong in ({"steps_taken": -1}, {"steps_taken": True}, {"demoted_agents": [""]}):
        with pytest.raises(InvalidValueError):
            Work(id="R-1", opened=NINE, **wrong)  # type: ignore[arg-type]
