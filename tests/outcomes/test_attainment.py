from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError, UnknownIdError, utc
from entitlements.outcomes import (
    AttainmentBasis,
    AttainmentReport,
    CaseRecord,
    Share,
    Verdict,
    measure_attainment,
)
from entitlements.sla import Event, History, SlaPolicy, Target

HOUR = timedelta(hours=1)
START = utc("2026-03-01T00:00Z")
POLICY = SlaPolicy(
    id="gold",
    targets=[
        Target(milestone="first_response", within=4 * HOUR),
        Target(milestone="resolution", within=24 * HOUR, commitment="objective"),
        Target(milestone="update", within=8 * HOUR),
    ],
)
RESPONSE = SlaPolicy(id="response", targets=[Target(milestone="first_response", within=4 * HOUR)])


def at(hours: float) -> datetime:
    return START + hours * HOUR


def case(id: str, events: list[Event], **fields: object) -> CaseRecord:
    stated = {"customer": "acme", "policy": RESPONSE} | fields
    return CaseRecord(id=id, history=History(events), **stated)  # type: ignore[arg-type]


def seeded(seed: int, count: int = 12, *, reopened: bool = True) -> list[CaseRecord]:
    """Cases over two weeks, most of them answered, paused, resolved or left alone."""
    dice = Random(seed)  # noqa: S311 - a seed has to replay it
    cases = []
    for number in range(count):
        now = dice.randrange(14 * 24)
        events = [Event.opened(at(now), severity="S1")]
        for _ in range(dice.randrange(6)):
            now += dice.randrange(1, 12)
            make = dice.choice(
                [
                    Event.responded,
                    Event.customer_replied,
                    Event.resolved,
                    Event.closed,
                    Event.cancelled,
                    lambda when: Event.paused(when, "customer"),
                    lambda when: Event.resumed(when, "customer"),
                    Event.reopened if reopened else Event.responded,
                ]
            )
            events.append(make(at(now)))
        customer = dice.choice(["acme", "globex"])
        cases.append(case(f"R-{number}", events, customer=customer, policy=POLICY))
    return cases


def counts(report: AttainmentReport, milestone: str = "first_response") -> dict[str, int]:
    return {each.value: number for each, number in report.milestone(milestone).counts.items()}


seeds = st.integers(0, 2**32)
OPENED = Event.opened(at(1))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([OPENED, Event.responded(at(2))], "met"),
        ([OPENED, Event.responded(at(5))], "met"),
        ([OPENED, Event.responded(at(5) + timedelta(microseconds=1))], "missed"),
        ([OPENED], "missed"),
        ([Event.opened(at(22))], "running"),
        ([OPENED, Event.paused(at(2), "customer")], "paused"),
        ([OPENED, Event.cancelled(at(2))], "cancelled"),
        ([Event.opened(at(20))], "running"),
        ([Event.opened(at(20)), Event.responded(at(23.99))], "met"),
    ],
)
def test_each_promise_has_one_verdict_at_the_end_of_the_period(
    events: list[Event], expected: str
) -> None:
    report = measure_attainment([case("R-1", events)], START, at(24))
    assert counts(report) == {expected: 1}


def test_what_is_decided_at_the_end_belongs_to_the_next_period() -> None:
    answered = [case("R-1", [Event.opened(at(20)), Event.responded(at(24))])]
    due = [case("R-2", [Event.opened(at(20))])]
    for cases, verdict in ((answered, "met"), (due, "missed")):
        assert counts(measure_attainment(cases, START, at(24))) == {"running": 1}
        assert counts(measure_attainment(cases, at(24), at(48))) == {verdict: 1}


# One list of cases gives 15 of 16 that were closed, and 18 of 20 that were decided
def test_the_basis_decides_the_figure_and_is_named() -> None:
    met = [Event.opened(at(1)), Event.responded(at(2))]
    late = [Event.opened(at(1)), Event.responded(at(9))]
    closed = Event.closed(at(12))
    cases = [
        *(case(f"met-{n}", [*met, Event.resolved(at(11)), closed]) for n in range(15)),
        case("late", [*late, Event.resolved(at(11)), closed]),
        *(case(f"open-{n}", met) for n in range(3)),
        case("breach that nobody closed", [Event.opened(at(1))]),
        *(case(f"new-{n}", [Event.opened(at(22))]) for n in range(4)),
    ]
    found = {
        basis.value: measure_attainment(cases, START, at(24), basis=basis).milestone(
            "first_response"
        )
        for basis in AttainmentBasis
    }
    assert {name: str(each.share) for name, each in found.items()} == {
        "decided": "18 of 20",
        "closed": "15 of 16",
        "created": "18 of 20",
    }
    assert found["created"].total == 24
    assert found["created"].counts[Verdict.RUNNING] == 4
    assert found["decided"].cases[Verdict.MISSED] == ("breach that nobody closed", "late")


@given(seeds)
def test_the_verdicts_of_all_created_cases_partition_their_promises(seed: int) -> None:
    cases = seeded(seed)
    report = measure_attainment(cases, START, at(400), basis="created", by=["customer"])
    first = report.milestone("first_response")
    assert first.total == len(cases)
    assert {each for own in first.cases.values() for each in own} == {each.id for each in cases}


@given(seeds, st.lists(st.integers(1, 399), max_size=4))
def test_shares_add_over_periods_where_nothing_is_reopened(seed: int, cuts: list[int]) -> None:
    cases = seeded(seed, reopened=False)
    edges = [0, *sorted(set(cuts)), 400]
    whole = measure_attainment(cases, START, at(400))
    parts = [measure_attainment(cases, at(one), at(two)) for one, two in itertools.pairwise(edges)]
    for name in ("first_response", "resolution", "update"):
        total = sum((each.milestone(name).share for each in parts), Share(0, 0))
        assert total == whole.milestone(name).share


def test_a_reopening_takes_a_resolution_back_from_when_it_happens() -> None:
    policy = SlaPolicy(id="p", targets=[Target(milestone="resolution", within=24 * HOUR)])
    events = [Event.opened(at(1)), Event.resolved(at(2)), Event.reopened(at(30))]
    again = [case("R-1", events, policy=policy)]
    assert counts(measure_attainment(again, START, at(24)), "resolution") == {"met": 1}
    later = measure_attainment(again, at(24), at(31))
    assert counts(later, "resolution") == {"running": 1}
    assert counts(measure_attainment(again, START, at(31)), "resolution") == {"running": 1}


@given(seeds)
def test_a_verdict_is_stable_as_time_goes_on(seed: int) -> None:
    cases = seeded(seed)
    before = measure_attainment(cases, START, at(200))
    known = [attrs.evolve(each, history=each.history.as_known(at(200))) for each in cases]
    assert before.figures == measure_attainment(known, START, at(200)).figures


@given(seeds, st.randoms())
def test_drill_downs_sum_to_the_total_and_the_order_does_not_matter(
    seed: int, random: Random
) -> None:
    cases = seeded(seed)
    whole = measure_attainment(cases, START, at(400))
    shuffled = random.sample(cases, len(cases))
    by = measure_attainment(shuffled, START, at(400), by=["customer"])
    for name in ("first_response", "update"):
        assert by.milestone(name) == whole.milestone(name)


def test_guarantees_and_objectives_are_counted_together_or_apart() -> None:
    late = case("R-1", [Event.opened(at(0))], policy=POLICY)
    both = measure_attainment([late], START, at(48))
    only = measure_attainment([late], START, at(48), only="guarantee")
    assert both.milestone("resolution").share == Share(0, 1)
    assert only.milestone("resolution").total == 0
    assert only.milestone("first_response").share == Share(0, 1)


def test_without_ids_the_counts_are_the_same() -> None:
    cases = seeded(4)
    whole = measure_attainment(cases, START, at(200), by=["customer"])
    less = measure_attainment(cases, START, at(200), by=["customer"], keep_ids=False)
    assert {key: each.counts for key, each in less.figures.items()} == {
        key: each.counts for key, each in whole.figures.items()
    }
    assert not any(each.cases for each in less.figures.values())


def test_one_broken_case_is_reported_and_stops_nothing() -> None:
    severities = SlaPolicy(
        id="by severity",
        targets=[Target(milestone="first_response", within=HOUR, severities=["S1"])],
    )
    broken = case("R-2", [Event.opened(at(1), severity="S9")], policy=severities)
    report = measure_attainment([broken, case("R-1", [OPENED])], START, at(24))
    assert counts(report) == {"missed": 1}
    assert list(report.broken) == ["R-2"]
    assert "S9" in report.broken["R-2"]


def test_a_share_is_of_what_was_met_or_missed_and_of_nothing_else() -> None:
    cases = [
        case("met", [OPENED, Event.responded(at(2))]),
        case("missed", [OPENED]),
        case("cancelled", [OPENED, Event.cancelled(at(2))]),
        case("paused", [OPENED, Event.paused(at(2), "customer")]),
        case("running", [Event.opened(at(23))]),
    ]
    found = measure_attainment(cases, START, at(24)).milestone("first_response")
    assert (found.share, found.total) == (Share(1, 2), 5)


def test_a_case_that_was_not_opened_yet_is_in_no_figure() -> None:
    future = case("R-1", [Event.opened(at(30))])
    for basis in AttainmentBasis:
        assert measure_attainment([future], START, at(24), basis=basis).figures == {}


def test_a_promise_of_nothing_stands_beside_the_share() -> None:
    none = SlaPolicy(id="none", targets=[Target(milestone="first_response", within=None)])
    report = measure_attainment([case("R-1", [OPENED], policy=none)], START, at(24))
    assert counts(report) == {"no_promise": 1}
    assert report.milestone("first_response").share.value is None
    assert counts(measure_attainment([case("R-1", [OPENED], policy=none)], at(24), at(48))) == {}


def test_bad_questions_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="not after"):
        measure_attainment([], START, START)
    with pytest.raises(InvalidValueError, match="is not a known attainment basis"):
        measure_attainment([], START, at(1), basis="open")
    with pytest.raises(UnknownIdError, match="no dimension"):
        measure_attainment([case("R-1", [OPENED])], START, at(1), by=["colour"])
    with pytest.raises(InvalidValueError, match="is not a case record"):
        measure_attainment(["R-1"], START, at(1))  # type: ignore[list-item]
