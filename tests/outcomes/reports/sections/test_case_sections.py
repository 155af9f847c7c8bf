from __future__ import annotations

from datetime import timedelta

from tests.outcomes.test_attainment import START, at, case

from entitlements.calendars import Calendar
from entitlements.outcomes import report
from entitlements.sla import Event, SlaPolicy, Target

HOUR = timedelta(hours=1)


def test_counted_time_leaves_out_pauses_and_closed_hours() -> None:
    office = Calendar(zone="UTC", week="Mo-Su 08:00-16:00")
    target = Target(milestone="first_response", within=4 * HOUR, calendar="office")
    policy = SlaPolicy(id="p", targets=[target], calendars={"office": office})
    events = [
        Event.opened(at(15)),
        Event.paused(at(32), "customer"),
        Event.resumed(at(33)),
        Event.responded(at(34)),
    ]
    found = report([case("R-1", events, policy=policy)], START, at(48))
    assert found.figure("waiting", "first_response", "median_elapsed").value == 19 * HOUR
    assert found.figure("waiting", "first_response", "median_counted").value == 2 * HOUR


def test_a_wait_belongs_to_the_period_in_which_its_clock_started() -> None:
    one = case("R-1", [Event.opened(at(1)), Event.responded(at(30))])
    found = report([one], START, at(24)).figure("waiting", "first_response", "median_elapsed")
    assert (found.value, found.ids) == (None, ("R-1",))
    later = report([one], at(24), at(48))
    assert "waiting" not in {each.section for each in later.figures}


def test_odd_pauses_open_to_their_cases() -> None:
    late = [Event.opened(at(1)), Event.paused(at(4.9), "customer")]
    found = report([case("R-1", late), case("R-2", [Event.opened(at(1))])], START, at(24))
    for odd in ("never_ended", "just_before_due"):
        assert found.figure("pauses", "cases", odd).ids == ("R-1",)
    assert found.figure("pause_agents", None, "pauses").value == 1


def test_a_wait_that_began_before_the_period_is_not_of_the_period() -> None:
    events = [Event.opened(at(22)), Event.responded(at(25))]
    later = report([case("R-1", events)], at(24), at(48))
    assert later.figure("attainment", "first_response", "met").ids == ("R-1",)
    assert "waiting" not in {each.section for each in later.figures}


def test_an_age_that_equals_a_limit_belongs_above_it() -> None:
    one = case("R-1", [Event.opened(at(1))])
    for more, name in ((timedelta(), "under_1d"), (timedelta(microseconds=1), "from_1d")):
        found = report([one], START, at(25) + more)
        assert found.figure("backlog", "cases", name).ids == ("R-1",)
