"""Effects of events on the clocks of a case."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from entitlements.calendars import Anchor, BusinessDays, Calendar
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import to_micros, utc
from entitlements.sla import ClockOptions, Event, History, Measurement, SlaPolicy, Target, measure

HOUR = timedelta(hours=1)
FIRST = Target(milestone="first_response", within=4 * HOUR)
OPENED = Event.opened("2026-03-02T09:00Z", severity="S1")


def at(clock: str) -> str:
    return f"2026-03-02T{clock}Z"


def found(
    policy: SlaPolicy, *events: Event, asked: str = "12:00", others: tuple[SlaPolicy, ...] = ()
) -> Measurement:
    return measure(policy, History(events), utc(at(asked)), others=others)


def policy(*targets: Target, options: ClockOptions | None = None, id: str = "p") -> SlaPolicy:
    return SlaPolicy(id=id, targets=targets, options=options or ClockOptions())


@pytest.mark.parametrize(("rule", "state"), [("ignored", "running"), ("answers", "met")])
def test_an_automatic_acknowledgement_counts_if_the_policy_says_so(rule: str, state: str) -> None:
    promise = policy(FIRST, options=ClockOptions(acknowledgement=rule))
    events = [OPENED, Event.acknowledged(at("09:01"))]
    assert found(promise, *events)["first_response"].state == state


def test_a_customers_own_message_is_no_answer() -> None:
    assert (
        found(policy(FIRST), OPENED, Event.customer_replied(at("09:30")))["first_response"].state
        == "running"
    )


@pytest.mark.parametrize(("expiry", "state"), [("honour", "running"), ("stop", "cancelled")])
def test_the_end_of_the_agreement_does_what_the_policy_says(expiry: str, state: str) -> None:
    promise = policy(FIRST, options=ClockOptions(expiry=expiry))
    assert found(promise, OPENED, Event.terms_expired(at("10:00")))["first_response"].state == state


BY_SUPPORT = ClockOptions(start="severity_set")


def test_a_clock_may_start_when_support_sets_the_severity() -> None:
    # As GitHub's Premium Plus plan promises it: not at the creation.
    promise = policy(FIRST, options=BY_SUPPORT)
    assert found(promise, OPENED)["first_response"].state == "pending"
    later = found(promise, OPENED, Event.severity_changed(at("10:00"), "S1"))
    assert later["first_response"].due == utc(at("14:00"))
    again = found(
        promise,
        OPENED,
        Event.severity_changed(at("10:00"), "S1"),
        Event.severity_changed(at("11:00"), "S2"),
    )
    assert again["first_response"].started_at == utc(at("10:00"))


def test_a_retroactive_clock_counts_from_the_opening_without_its_pauses() -> None:
    promise = policy(FIRST, options=ClockOptions(start="severity_set", retroactive=True))
    events = [
        OPENED,
        Event.paused(at("09:30"), "customer"),
        Event.resumed(at("10:00")),
        Event.severity_changed(at("11:00"), "S1"),
    ]
    assert found(promise, *events)["first_response"].due == utc(at("13:30"))


def test_a_named_event_may_start_every_clock_or_one() -> None:
    promise = policy(FIRST, options=ClockOptions(start="event", start_event="triaged"))
    triaged = Event.reached(at("10:00"), "triaged")
    assert found(promise, OPENED, triaged)["first_response"].due == utc(at("14:00"))
    visit = policy(Target(milestone="on_site", within=2 * HOUR, starts_on="dispatched"))
    dispatched = Event.reached(at("10:00"), "dispatched")
    assert found(visit, OPENED)["on_site"].state == "pending"
    assert found(visit, OPENED, dispatched)["on_site"].due == utc(at("12:00"))
    arrived = Event.reached(at("11:30"), "on_site")
    assert found(visit, OPENED, dispatched, arrived)["on_site"].state == "met"


def test_the_first_severity_of_a_case_applies_from_its_opening() -> None:
    promise = policy(
        Target(milestone="first_response", within=4 * HOUR, severities=["S1"]),
        options=ClockOptions(severity_change="carry"),
    )
    opened = Event.opened(at("09:00"))
    assert found(promise, opened)["first_response"].state == "pending"
    later = found(promise, opened, Event.severity_changed(at("11:00"), "S1"))
    assert later["first_response"].due == utc(at("13:00"))


def test_a_target_of_none_has_no_objective() -> None:
    promise = policy(Target(milestone="first_response", within=None), FIRST)
    reading = found(promise, OPENED)["first_response"]
    assert (reading.state, reading.due, reading.target) == ("no_objective", None, None)
    assert reading.remaining is None
    assert not reading.elapsed


GOLD = policy(
    Target(milestone="first_response", within=HOUR),
    Target(milestone="update", within=HOUR),
    id="gold",
)


def test_new_terms_may_promise_more_milestones() -> None:
    changed = Event.terms_changed(at("10:00"), policy="gold")
    later = found(policy(FIRST), OPENED, changed, asked="10:30", others=(GOLD,))
    assert later["update"].due == utc(at("11:00"))
    assert later["first_response"].due == utc(at("10:00"))


def test_new_terms_must_be_known() -> None:
    changed = Event.terms_changed(at("10:00"), policy="glod")
    with pytest.raises(UnknownIdError, match="did you mean `gold`"):
        found(policy(FIRST), OPENED, changed, others=(GOLD,))


def test_a_condition_that_is_declared_later_changes_the_target() -> None:
    # As Red Hat's severity 2 counts around the clock only if that was asked for.
    promise = policy(
        Target(milestone="first_response", within=HOUR, conditions=["asked"]),
        FIRST,
        options=ClockOptions(terms_change="last"),
    )
    asked = Event.terms_changed(at("09:15"), conditions=["asked"])
    assert found(promise, OPENED)["first_response"].due == utc(at("13:00"))
    assert found(promise, OPENED, asked)["first_response"].due == utc(at("10:00"))


def test_one_condition_ends_and_holds_again_while_the_others_are_as_before() -> None:
    both = Target(milestone="first_response", within=HOUR, conditions=["asked", "reachable"])
    one = Target(milestone="first_response", within=2 * HOUR, conditions=["asked"])
    promise = policy(both, one, FIRST, options=ClockOptions(terms_change="last"))
    opened = attrs.evolve(OPENED, conditions=["asked", "reachable"])
    gone = Event.condition_ended(at("09:10"), "reachable")
    also = Event.condition_ended(at("09:20"), "asked")
    back = Event.condition_met(at("09:30"), "reachable")
    again = Event.condition_met(at("09:40"), "asked")

    def due(*events: Event) -> str:
        return f"{found(promise, opened, *events)['first_response'].due:%H:%M}"

    assert due() == "10:00"
    assert due(gone) == "11:00"
    assert due(gone, also) == "13:00"
    assert due(gone, also, back) == "13:00", "the other condition is still missing"
    assert due(gone, also, again) == "11:00"
    assert due(gone, back) == due(gone, also, back, again) == "10:00"


def test_a_condition_that_never_held_ends_without_effect_and_may_hold_later() -> None:
    promise = policy(Target(milestone="first_response", within=HOUR, conditions=["asked"]), FIRST)
    ended = Event.condition_ended(at("09:10"), "asked")
    assert found(promise, OPENED, ended)["first_response"].due == utc(at("13:00"))
    met = Event.condition_met(at("09:20"), "asked")
    # Twenty minutes were counted by then, and forty are left of the hour.
    assert found(promise, OPENED, met)["first_response"].due == utc(at("10:00"))


def test_a_condition_that_ends_and_holds_again_at_one_instant_holds() -> None:
    promise = policy(Target(milestone="first_response", within=HOUR, conditions=["asked"]), FIRST)
    opened = attrs.evolve(OPENED, conditions=["asked"])
    both = [Event.condition_met(at("09:10"), "asked"), Event.condition_ended(at("09:10"), "asked")]
    assert found(promise, opened, *both)["first_response"].due == utc(at("10:00"))


def test_the_channel_may_select_the_clock() -> None:
    # As HiveMQ's P1 counts around the clock only when escalated by phone.
    promise = policy(Target(milestone="first_response", within=HOUR, channels=["phone"]), FIRST)
    by_phone = Event.opened(at("09:00"), severity="P1", channel="phone")
    assert found(promise, OPENED)["first_response"].due == utc(at("13:00"))
    assert found(promise, by_phone)["first_response"].due == utc(at("10:00"))


BY_CHANNEL = (
    Target(milestone="first_response", within=HOUR, channels=["phone"]),
    Target(milestone="first_response", within=2 * HOUR, channels=["chat"], severities=["S1"]),
    Target(milestone="first_response", within=4 * HOUR, channels=["web", "mail"]),
)


@pytest.mark.parametrize(
    ("channel", "due"), [("phone", "10:00"), ("chat", "11:00"), ("web", "13:00"), ("mail", "13:00")]
)
def test_each_channel_has_the_first_response_that_was_promised_for_it(
    channel: str, due: str
) -> None:
    promise = policy(*BY_CHANNEL)
    opened = Event.opened(at("09:00"), severity="S1", channel=channel)
    assert found(promise, opened)["first_response"].due == utc(at(due))
    targets = promise.compiled.targets_for("S1", channel, frozenset())
    assert targets.due_instants(opened.micros) == (to_micros(utc(at(due))),)


@pytest.mark.parametrize(("channel", "severity"), [("fax", "S1"), ("chat", "S2"), (None, "S1")])
def test_a_channel_without_a_first_response_is_refused_where_others_have_one(
    channel: str | None, severity: str
) -> None:
    opened = Event.opened(at("09:00"), severity=severity, channel=channel)
    with pytest.raises(UnknownIdError, match="first_response"):
        found(policy(*BY_CHANNEL), opened)
    by_phone = Event.opened(at("09:00"), severity=severity, channel="phone")
    moved = Event.terms_changed(at("09:30"), channel=channel or "fax")
    with pytest.raises(UnknownIdError, match="first_response"):
        found(policy(*BY_CHANNEL), by_phone, moved)


@pytest.mark.parametrize(
    ("change", "due"),
    [("last", "13:00"), ("from_change", "13:00"), ("cumulative", "10:00"), ("first", "10:00")],
)
def test_another_channel_changes_the_first_response_as_the_policy_says(
    change: str, due: str
) -> None:
    promise = policy(*BY_CHANNEL, options=ClockOptions(terms_change=change))
    by_phone = Event.opened(at("09:00"), severity="S1", channel="phone")
    moved = Event.terms_changed(at("09:30"), channel="web")
    assert found(promise, by_phone, moved)["first_response"].due == utc(at(due))


DAYS = {
    "short": Calendar(zone="UTC", week="Mo,We,Fr 10:00-11:00"),
    "long": Calendar(zone="UTC", week="Mo-Su 00:00-23:00"),
}
THREE_SHORT_DAYS = Target(
    milestone="resolution",
    within=BusinessDays(3, anchor=Anchor.END),
    calendar="short",
    severities=["S1"],
)
ONE_LONG_DAY = Target(
    milestone="resolution",
    within=BusinessDays(1, anchor=Anchor.END),
    calendar="long",
    severities=["S2"],
)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (Event.severity_changed("2026-03-06T09:00Z", "S2"), {"severity_change": "carry"}),
        (
            Event.terms_changed("2026-03-06T09:00Z", policy="long"),
            {"terms_change": "from_change"},
        ),
        (
            Event.terms_changed("2026-03-06T09:00Z", policy="swapped"),
            {"terms_change": "cumulative"},
        ),
    ],
    ids=["severity", "terms", "calendar only"],
)
def test_a_change_to_days_of_another_calendar_makes_no_case_late_before_the_change(
    change: Event, options: dict[str, str]
) -> None:
    # Three days of an hour each, every other day, end on the next Monday at 11:00. Three days of
    # 23 hours, or one, ended before the change on Friday, though there is more open time in them.
    def days(id: str, *targets: Target, calendars: dict[str, Calendar] = DAYS) -> SlaPolicy:
        chosen = ClockOptions(**options)  # type: ignore[arg-type]
        return SlaPolicy(id=id, targets=targets, calendars=calendars, options=chosen)

    promise = days("p", THREE_SHORT_DAYS, ONE_LONG_DAY)
    long = days("long", attrs.evolve(ONE_LONG_DAY, severities=["S1"]))
    swapped = days("swapped", THREE_SHORT_DAYS, calendars=DAYS | {"short": DAYS["long"]})
    others = (long, swapped)
    opened = Event.opened("2026-03-02T09:00Z", severity="S1")
    before = measure(promise, History([opened]), change.at, others=others)["resolution"]
    assert (before.state, before.due) == ("running", utc("2026-03-09T11:00Z"))
    after = measure(promise, History([opened, change]), change.at, others=others)["resolution"]
    assert after.due == change.at
    ended = measure(
        promise, History([opened, change, Event.resolved(change.at)]), change.at, others=others
    )
    assert ended["resolution"].state == "met"


def test_a_case_late_before_a_change_of_days_keeps_its_breach() -> None:
    promise = SlaPolicy(
        id="p",
        targets=[THREE_SHORT_DAYS, ONE_LONG_DAY],
        calendars=DAYS,
        options=ClockOptions(severity_change="carry"),
    )
    opened = Event.opened("2026-03-02T09:00Z", severity="S1")
    changed = Event.severity_changed("2026-03-10T09:00Z", "S2")
    reading = measure(promise, History([opened, changed]), changed.at)["resolution"]
    assert reading.breached_at == utc("2026-03-09T11:00Z")


def test_no_clock_starts_while_the_case_is_resolved() -> None:
    promise = policy(Target(milestone="resolution", within=4 * HOUR), options=BY_SUPPORT)
    events = [OPENED, Event.resolved(at("10:00")), Event.severity_changed(at("10:30"), "S2")]
    assert found(promise, *events)["resolution"].state == "pending"
    reopened = found(promise, *events, Event.reopened(at("11:00")))
    assert reopened["resolution"].started_at == utc(at("11:00"))


@pytest.mark.parametrize(
    ("change", "due"), [("freeze", "13:00"), ("carry", "17:00"), ("recompute", "17:00")]
)
def test_the_first_severity_applies_until_another_is_set(change: str, due: str) -> None:
    promise = policy(
        Target(milestone="first_response", within=4 * HOUR, severities=["S1"]),
        Target(milestone="first_response", within=8 * HOUR, severities=["S2"]),
        options=ClockOptions(severity_change=change),
    )
    events = [
        Event.opened(at("09:00")),
        Event.severity_changed(at("10:00"), "S1"),
        Event.severity_changed(at("11:00"), "S2"),
    ]
    assert found(promise, *events)["first_response"].due == utc(at(due))


def test_new_terms_start_nothing_before_the_event_that_starts_the_clocks() -> None:
    promise = policy(FIRST, options=ClockOptions(start="event", start_event="triaged"))
    events = [OPENED, Event.terms_changed(at("10:00"), policy="gold")]
    waiting = found(promise, *events, others=(GOLD,))
    assert {each.state for each in waiting} == {"pending"}
    triaged = Event.reached(at("11:00"), "triaged")
    started = found(promise, *events, triaged, others=(GOLD,))
    assert {each.started_at for each in started} == {triaged.at}


def test_a_message_starts_no_response_clock_that_waits_for_a_named_event() -> None:
    promise = policy(
        Target(milestone="next_response", within=HOUR, starts_on="escalated"),
        options=ClockOptions(next_response="first_unanswered_message"),
    )
    events = [OPENED, Event.customer_replied(at("10:00"))]
    assert found(promise, *events)["next_response"].state == "pending"
    escalated = Event.reached(at("11:30"), "escalated")
    assert found(promise, *events, escalated)["next_response"].due == utc(at("12:30"))
