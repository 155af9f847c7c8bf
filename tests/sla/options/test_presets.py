"""Worked cases of other helpdesks, each with the source of its expected value."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import attrs
import pytest

from entitlements.calendars import BusinessHours, Calendar
from entitlements.kernel.instants import utc
from entitlements.sla import (
    CLOCK_PRESETS,
    ClockOptions,
    Event,
    History,
    Measurement,
    Recurrence,
    SlaPolicy,
    Target,
    measure,
)
from entitlements.sla.options import presets

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OFFICE = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
MONDAY = "2026-03-02"


def at(clock: str, day: str = MONDAY) -> datetime:
    return utc(f"{day}T{clock}Z")


def policy(preset: str, *targets: Target, hours: BusinessHours = OFFICE) -> SlaPolicy:
    return SlaPolicy(
        id=preset, targets=targets, calendars={"hours": hours}, options=CLOCK_PRESETS[preset]
    )


def target(milestone: str, within: timedelta, **more: object) -> Target:
    return Target(milestone=milestone, within=within, calendar="hours", **more)  # type: ignore[arg-type]


def measured(promise: SlaPolicy, events: Iterable[Event], asked: datetime) -> Measurement:
    found = measure(promise, History(events), asked)
    assert found.rejected == ()
    return found


def test_every_option_that_is_not_the_default_names_its_source() -> None:
    tree = ast.parse(inspect.getsource(presets))
    texts = {
        node.target.id: following.value.value
        for node, following in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    }
    for name, options in CLOCK_PRESETS.items():
        text = texts[name.upper()]
        for each in attrs.fields(ClockOptions):
            if getattr(options, each.name) != getattr(ClockOptions(), each.name):
                assert f"`{each.name}`" in text, (name, each.name)
        assert "ource:" in text or "as in" in text


def test_zendesk_counts_a_next_reply_from_the_oldest_unanswered_comment() -> None:
    # Zendesk help 4408829459866: the metric begins with the oldest unanswered customer's comment.
    promise = policy("zendesk", target("next_response", HOUR))
    events = [
        Event.opened(at("09:00"), severity="normal"),
        Event.responded(at("09:30")),
        Event.customer_replied(at("10:00")),
        Event.customer_replied(at("10:30")),
    ]
    assert measured(promise, events, at("10:40"))["next_response"].due == at("11:00")


def test_zendesk_pauses_requester_wait_while_pending_but_no_reply_clock() -> None:
    # Zendesk help 4408829459866: requester wait time is new, open and on-hold together.
    promise = policy("zendesk", target("first_response", HOUR), target("resolution", 4 * HOUR))
    events = [
        Event.opened(at("09:00"), severity="normal"),
        Event.paused(at("09:30"), "on_hold"),
        Event.paused(at("10:00"), "pending"),
        Event.resumed(at("11:00")),
    ]
    found = measured(promise, events, at("11:00"))
    assert found["first_response"].due == at("10:00")
    assert found["resolution"].due == at("14:00")


def test_jira_counts_remaining_time_over_uneven_days() -> None:
    # "How teams see SLAs", Request A: 16 hours from Monday 11:00, Monday 09-17, Tuesday 09-16,
    # Thursday 08-17, other days off: 6 + 7 + 3 hours.
    hours = Calendar(zone="UTC", week="Mo 09:00-17:00; Tu 09:00-16:00; Th 08:00-17:00")
    promise = policy("jira", target("resolution", 16 * HOUR), hours=hours)
    found = measured(promise, [Event.opened(at("11:00"), severity="any")], at("12:00"))
    assert found["resolution"].due == at("11:00", "2026-03-05")
    assert found["resolution"].remaining == 15 * HOUR


def test_jira_freezes_a_finished_cycle_and_starts_another_one() -> None:
    # "Create SLAs to manage goals": each pair of start and stop is a cycle.
    promise = policy("jira", target("resolution", 4 * HOUR))
    events = [
        Event.opened(at("09:00"), severity="any"),
        Event.resolved(at("11:30")),
        Event.reopened(at("13:00")),
    ]
    first, second = measured(promise, events, at("14:00")).cycles("resolution")
    assert (first.state, first.elapsed) == ("met", 2.5 * HOUR)
    assert (second.state, second.due) == ("running", at("17:00"))


RISEN = [
    Event.opened(at("09:00"), severity="3"),
    Event.severity_changed(at("12:00"), "1"),
]
BY_PRIORITY = (
    target("resolution", 16 * HOUR, severities=["3"]),
    target("resolution", 4 * HOUR, severities=["1"]),
)


def test_servicenow_attaches_a_new_clock_when_the_priority_rises() -> None:
    # ServiceNow documentation, "Retroactive start": priority 3 becomes 1 after three hours.
    found = measured(policy("servicenow", *BY_PRIORITY), RISEN, at("12:00"))
    assert found["resolution"].started_at == at("12:00")
    assert found["resolution"].due == at("16:00")


def test_servicenow_with_retroactive_start_counts_from_the_creation() -> None:
    # The same page: it counts from when the incident was created.
    found = measured(policy("servicenow_retroactive", *BY_PRIORITY), RISEN, at("12:00"))
    assert found["resolution"].started_at == at("09:00")
    assert found["resolution"].due == at("13:00")


@pytest.mark.parametrize(
    ("events", "due"),
    [
        pytest.param(
            [
                Event.opened(at("06:00"), severity="any"),
                Event.paused(at("07:00"), "hold"),
                Event.resumed(at("08:00")),
            ],
            at("13:00"),
            id="created, paused and resumed before working hours: nothing is considered",
        ),
        pytest.param(
            [
                Event.opened(at("06:00"), severity="any"),
                Event.paused(at("10:00"), "hold"),
                Event.resumed(at("11:00")),
            ],
            at("14:00"),
            id="paused and resumed in working hours: extended by the hold",
        ),
        pytest.param(
            [
                Event.opened(at("16:00"), severity="any"),
                Event.paused(at("18:00"), "hold"),
                Event.resumed(at("10:00", "2026-03-03")),
            ],
            at("13:00", "2026-03-03"),
            id="paused outside, resumed in working hours: recalculated",
        ),
    ],
)
def test_dynamics_excludes_business_hours_of_a_hold(events: list[Event], due: datetime) -> None:
    # Microsoft support article "SLA timer doesn't pause when its state is changed from InProgress
    # to OnHold on a holiday", scenarios 1, 2 and 4; the preset says why not 3.
    promise = policy("dynamics", target("resolution", 4 * HOUR))
    assert measured(promise, events, events[-1].at)["resolution"].due == due


def test_salesforce_sets_the_target_date_of_a_milestone_that_does_not_recur() -> None:
    # Salesforce help, "Milestone recurrence types": created at 10, target 2 p.m., done at 1 p.m.
    promise = policy("salesforce", target("resolution", 4 * HOUR))
    events = [Event.opened(at("10:00"), severity="any"), Event.resolved(at("13:00"))]
    found = measured(promise, events, at("15:00"))["resolution"]
    assert (found.state, found.due) == ("met", at("14:00"))


def test_salesforce_starts_a_sequential_milestone_at_the_previous_target() -> None:
    # The same page and its examples: entered at 12:00, target 13:00, completed early; the next
    # one starts at 13:00.
    promise = policy(
        "salesforce", target("update", HOUR, recurrence=Recurrence.SEQUENTIAL, paused_by=())
    )
    events = [Event.opened(at("12:00"), severity="any"), Event.responded(at("12:20"))]
    found = measured(promise, events, at("12:30"))["update"]
    assert (found.started_at, found.due) == (at("13:00"), at("14:00"))


def test_zammad_takes_the_time_in_ignored_states_out() -> None:
    # zammad/zammad, spec/lib/escalation/destination_time_spec.rb: open for 15 minutes, pending for
    # 30, and 30 minutes are reached 15 minutes after that.
    always = Calendar.always()
    promise = policy("zammad", target("first_response", 30 * MINUTE), hours=always)
    events = [
        Event.opened(at("10:15"), severity="any"),
        Event.paused(at("10:30"), "pending close"),
        Event.resumed(at("11:00")),
    ]
    assert measured(promise, events, at("11:00"))["first_response"].due == at("11:15")
    assert measured(promise, events[:2], at("10:45"))["first_response"].due is None


def test_zammad_moves_an_amount_that_ends_at_closing_to_the_next_opening() -> None:
    # zammad/zammad, history of its escalation specs: 16:00 UTC became 07:00 UTC of the next day for
    # a desk open 09:00 to 18:00 in Berlin in summer.
    berlin = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-18:00")
    promise = policy("zammad", target("first_response", 2 * HOUR), hours=berlin)
    found = measured(
        promise, [Event.opened(at("14:00", "2026-06-01"), severity="any")], at("15:00")
    )
    assert found["first_response"].due is None
    found = measured(
        promise,
        [Event.opened(at("14:00", "2026-06-01"), severity="any")],
        at("15:00", "2026-06-01"),
    )
    assert found["first_response"].due == at("07:00", "2026-06-02")


def test_glpi_excludes_the_business_part_of_waiting() -> None:
    # glpi-project/glpi, tests/functional/SLM.php: four hours at a desk open tomorrow from 09:00 to
    # 19:00 are due at 1 p.m.; waiting until tomorrow at 10 makes it 2 p.m.
    tomorrow = Calendar(zone="UTC", week="Tu 09:00-19:00")
    promise = policy("glpi", target("resolution", 4 * HOUR), hours=tomorrow)
    opened = Event.opened(at("15:00"), severity="any")
    assert measured(promise, [opened], at("15:00"))["resolution"].due == at("13:00", "2026-03-03")
    waited = [
        opened,
        Event.paused(at("15:00"), "waiting"),
        Event.resumed(at("10:00", "2026-03-03")),
    ]
    due = measured(promise, waited, at("10:00", "2026-03-03"))["resolution"].due
    assert due == at("14:00", "2026-03-03")


def test_glpi_never_pauses_the_time_to_own() -> None:
    # glpi-project/glpi, src/LevelAgreement.php: waiting moves the time to resolve only.
    promise = policy("glpi", target("first_response", 2 * HOUR))
    events = [Event.opened(at("09:00"), severity="any"), Event.paused(at("09:30"), "waiting")]
    assert measured(promise, events, at("10:00"))["first_response"].due == at("11:00")


UNANSWERED = [
    Event.opened(at("09:00"), severity="any"),
    Event.resolved(at("10:00")),
    Event.reopened(at("12:00")),
]


@pytest.mark.parametrize(
    ("preset", "resolved", "reopened", "due"),
    [
        # Each preset names its source beside `resolving` and `reopen`.
        pytest.param("zammad", "cancelled", "running", "15:00", id="zammad: closed is a pause"),
        pytest.param("zendesk", "cancelled", "running", "15:00", id="zendesk: solved is no reply"),
        pytest.param("glpi", "met", "met", "13:00", id="glpi: a solution takes into account"),
        pytest.param("otobo", "cancelled", "running", "13:00", id="otobo: counts from creation"),
        pytest.param("rt", "cancelled", "running", "13:00", id="rt: only correspondence answers"),
        pytest.param("frappe", "cancelled", "running", "15:00", id="frappe: no reply was sent"),
        pytest.param("erpnext", "met", "met", "13:00", id="erpnext: it has left the status open"),
        pytest.param("itop", "cancelled", "running", "15:00", id="itop: the stopwatch goes on"),
        pytest.param("dynamics", "cancelled", "running", "15:00", id="dynamics: goes on"),
    ],
)
def test_a_reopened_case_without_an_answer_has_its_first_response_due_as_there(
    preset: str, resolved: str, reopened: str, due: str
) -> None:
    promise = policy(preset, target("first_response", 4 * HOUR))
    during = measured(promise, UNANSWERED[:2], at("11:00"))["first_response"]
    assert during.state == resolved
    after = measured(promise, UNANSWERED, at("12:30"))["first_response"]
    assert (after.state, after.due) == (reopened, at(due))


@pytest.mark.parametrize(
    ("preset", "due"), [("zammad", "15:00"), ("glpi", "15:00"), ("rt", "13:00"), ("itop", "15:00")]
)
def test_a_reopened_case_is_due_as_there(preset: str, due: str) -> None:
    # Zammad and GLPI (PR #9267) take the closed time out, the old date of RT returns, and the
    # stopwatch of iTop continues.
    found = measured(policy(preset, target("resolution", 4 * HOUR)), UNANSWERED, at("12:30"))
    assert found["resolution"].due == at(due)


def test_otobo_ends_at_the_closing_and_stops_for_nothing() -> None:
    # RotherOSS/otobo, Kernel/System/DateTime.pm: eight hours from 10:00, closing at 18:00.
    hours = Calendar(zone="UTC", week="Mo-Fr 08:00-18:00")
    promise = policy("otobo", target("resolution", 8 * HOUR), hours=hours)
    events = [Event.opened(at("10:00"), severity="any"), Event.paused(at("11:00"), "pending")]
    assert measured(promise, events, at("12:00"))["resolution"].due == at("18:00")


def test_itop_cumulates_what_is_neither_pending_nor_resolved() -> None:
    # iTop documentation, "Priority and deadline computation": yellow at 75 percent, around the
    # clock in the basic version.
    always = Calendar.always()
    promise = policy("itop", target("resolution", 4 * HOUR, warn=[0.75]), hours=always)
    events = [
        Event.opened(at("09:00"), severity="any"),
        Event.paused(at("10:00"), "pending"),
        Event.resumed(at("12:00")),
        Event.resolved(at("13:00")),
        Event.reopened(at("15:00")),
    ]
    found = measured(promise, events, at("15:30"))["resolution"]
    assert found.elapsed == 2.5 * HOUR
    assert [each.at for each in found.warnings] == [at("16:00")]
    assert found.due == at("17:00")


def test_rt_counts_another_level_from_the_creation() -> None:
    # bestpractical/rt, t/sla/due.t: from two real hours to four, the difference is two hours.
    promise = policy(
        "rt",
        target("resolution", 2 * HOUR, severities=["2"]),
        target("resolution", 4 * HOUR, severities=["4"]),
        hours=Calendar.always(),
    )
    opened = Event.opened(at("09:00"), severity="2")
    before = measured(promise, [opened], at("09:30"))["resolution"].due
    changed = Event.severity_changed(at("09:30"), "4")
    after = measured(promise, [opened, changed], at("09:30"))["resolution"].due
    assert before is not None
    assert after == before + 2 * HOUR


def test_rt_keeps_the_response_date_when_the_requestor_writes_again() -> None:
    # bestpractical/rt, t/sla/due.t: set at creation, cleared by a reply, set again by the
    # requestor, unchanged by a second message.
    promise = policy("rt", target("next_response", 2 * HOUR), hours=Calendar.always())
    events = [Event.opened(at("09:00"), severity="any")]
    assert measured(promise, events, at("09:00"))["next_response"].due == at("11:00")
    events.append(Event.responded(at("09:10")))
    assert measured(promise, events, at("09:10"))["next_response"].state == "met"
    events.append(Event.customer_replied(at("09:20")))
    assert measured(promise, events, at("09:20"))["next_response"].due == at("11:20")
    events.append(Event.customer_replied(at("09:40")))
    assert measured(promise, events, at("09:40"))["next_response"].due == at("11:20")


def test_rt_hides_and_then_moves_a_date_of_a_status_it_ignores_and_excludes() -> None:
    # bestpractical/rt, t/sla/ignore-on-statuses.t, with ExcludeTimeOnIgnoredStatuses.
    promise = policy(
        "rt", target("next_response", 2 * HOUR, paused_by=["stalled"]), hours=Calendar.always()
    )
    events = [Event.opened(at("09:00"), severity="any"), Event.paused(at("09:30"), "stalled")]
    assert measured(promise, events, at("09:40"))["next_response"].due is None
    events.append(Event.resumed(at("09:45")))
    assert measured(promise, events, at("09:45"))["next_response"].due == at("11:15")


ERPNEXT_DESK = Calendar(zone="UTC", week="Mo-Fr 10:00-18:00", holidays=[date(2019, 3, 5)])


@pytest.mark.parametrize(
    ("opened", "response", "resolution"),
    [
        pytest.param("04T12:00", "04T16:00", "04T18:00", id="in working hours"),
        pytest.param("04T07:00", "04T14:00", "04T16:00", id="before working hours"),
        pytest.param("04T20:00", "06T14:00", "06T16:00", id="after working hours, then a holiday"),
        pytest.param("04T14:00", "04T18:00", "06T12:00", id="into the day after the holiday"),
    ],
)
@pytest.mark.parametrize("preset", ["erpnext", "frappe"])
def test_erpnext_and_frappe_set_both_dates(
    preset: str, opened: str, response: str, resolution: str
) -> None:
    # frappe/erpnext, erpnext/support/doctype/issue/test_issue.py: the default agreement, four and
    # six hours, Tuesday the 5th of March 2019 being a holiday.
    promise = policy(
        preset,
        target("first_response", 4 * HOUR),
        target("resolution", 6 * HOUR),
        hours=ERPNEXT_DESK,
    )
    start = utc(f"2019-03-{opened}Z")
    found = measured(promise, [Event.opened(start, severity="any")], start)
    assert found["first_response"].due == utc(f"2019-03-{response}Z")
    assert found["resolution"].due == utc(f"2019-03-{resolution}Z")


@pytest.mark.parametrize(
    ("opened", "answered", "seconds"),
    [
        ("2021-06-28T11:00", "2021-06-28T12:00", 3_600),
        ("2021-06-28T12:00", "2021-06-28T20:00", 21_600),
        ("2021-06-28T06:00", "2021-06-29T20:00", 57_600),
        ("2021-06-25T06:00", "2021-06-26T11:00", 28_800),
        ("2021-06-28T12:00", "2021-06-29T20:00", 50_400),
        ("2021-06-28T20:00", "2021-07-01T11:00", 61_200),
        ("2021-06-25T12:00", "2021-06-27T11:00", 21_600),
    ],
)
def test_erpnext_counts_the_first_response_in_working_seconds(
    opened: str, answered: str, seconds: int
) -> None:
    # The same file, TestFirstResponseTime, Monday to Friday from 10am to 6pm.
    promise = policy("erpnext", target("first_response", 100 * HOUR), hours=ERPNEXT_DESK)
    events = [Event.opened(utc(f"{opened}Z"), severity="any"), Event.responded(utc(f"{answered}Z"))]
    found = measured(promise, events, utc("2021-07-02T00:00Z"))["first_response"]
    assert found.elapsed == timedelta(seconds=seconds)


def test_frappe_extends_the_resolution_by_the_working_part_of_a_hold() -> None:
    # frappe/helpdesk, hd_service_level_agreement.py: hold moves the resolution, and only by working
    # time; 45 minutes of hold before the opening move nothing, where ERPNext says 16:45.
    promise = policy(
        "frappe",
        target("first_response", 4 * HOUR),
        target("resolution", 6 * HOUR),
        hours=ERPNEXT_DESK,
    )
    day = "2020-03-04"
    events = [
        Event.opened(at("04:00", day), severity="any"),
        Event.paused(at("04:15", day), "replied"),
        Event.resumed(at("05:00", day)),
    ]
    found = measured(promise, events, at("05:00", day))
    assert found["resolution"].due == at("16:00", day)
    later = [*events, Event.paused(at("11:00", day), "replied"), Event.resumed(at("12:00", day))]
    found = measured(promise, later, at("12:00", day))
    assert (found["first_response"].due, found["resolution"].due) == (
        at("14:00", day),
        at("17:00", day),
    )
