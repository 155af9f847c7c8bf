from __future__ import annotations

import pytest
from tests.engine.worlds import facts, request

from entitlements import Denied, Engine
from entitlements.cli.demo.timeline import PLAIN, CaseTimeline, draw, timeline_of
from entitlements.kernel import utc


def timeline(at: str, **changes: object) -> CaseTimeline:
    engine = Engine(facts())
    answer = engine.assess(request(**changes), utc(at))
    assert not isinstance(answer.decision, Denied)
    found = timeline_of(answer, engine.policy(answer.decision.entitlement))
    assert found is not None
    return found


# Severity 2 by web: 4 hours to respond and 16 to resolve, of Berlin's 09:00 to 17:00.
WEB = {"severity": "S2", "channel": "web"}
FRIDAY = "2026-03-27T14:00Z"  # 15:00 in Berlin; the clocks change on Sunday


def test_a_weekend_is_drawn_as_time_that_does_not_count() -> None:
    found = timeline(FRIDAY, **WEB)
    assert found.crosses_weekend
    assert found.crosses_clock_change
    assert list(draw(found, width=80, marks=PLAIN)) == [
        "Times are those of Europe/Berlin; a mark is 2h.",
        # Saturday has 12 marks, Sunday 11: an hour of it is left out.
        "                Fri 27 Sat 28     Sun 29     Mon 30      Tue 31",
        "open hours      ##" + "." * 31 + "#####.......#####.",
        "first response   o" + "-" * 31 + "=X",
        "resolution       o" + "-" * 31 + "=====-------===X",
        "                # open . closed o opened = counted - waits ! warning X due",
        "Opened Fri 27 Mar 15:00 +0100.",
        "First response due Mon 30 Mar 11:00 +0200, 4h of berlin.",
        "Resolution due Tue 31 Mar 15:00 +0200, 16h of berlin.",
    ]


def test_within_a_day_no_weekend_is_crossed() -> None:
    found = timeline("2026-03-25T09:00Z", severity="S1")
    assert not found.crosses_weekend
    assert not found.crosses_clock_change
    assert [each.name for each in found.milestones] == ["first response", "resolution"]
    assert found.milestones[0].amount == "1h of the clock"


@pytest.mark.parametrize("width", [1, 40, 80, 200])
def test_rows_are_as_wide_as_there_is_room(width: int) -> None:
    rows = list(draw(timeline(FRIDAY, **WEB), width=width, marks=PLAIN))[1:5]
    assert max(map(len, rows)) <= max(width, 40)


def test_an_answer_without_a_promise_is_not_drawn() -> None:
    engine = Engine(facts())
    answer = engine.assess(request(contact="nobody"), utc(FRIDAY))
    assert timeline_of(answer, facts().policies["gold"]) is None
