"""One piece of work."""

from __future__ import annotations

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import Work

NINE = utc("2026-03-02T09:00Z")


def test_instants_come_in_any_zone_and_stay_in_utc() -> None:
    assert Work(id="R-1", opened="2026-03-02T10:00+01:00") == Work(id="R-1", opened=NINE)


def test_a_bare_name_is_one_list() -> None:
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
