from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from random import Random

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries
from tests.outcomes.test_attainment import POLICY, START, at, case, seeded

from entitlements.aftersales import Complaint, MaintenanceWindow, Outage, Survey
from entitlements.kernel import InvalidValueError, UnknownIdError, utc
from entitlements.outcomes import (
    CaseRecord,
    Figure,
    Interval,
    KeptResults,
    Report,
    ReportRecords,
    Share,
    report,
)
from entitlements.sla import Event, SlaPolicy, Target

seeds = st.integers(0, 2**32)
periods = st.tuples(st.integers(0, 350), st.integers(1, 60))
HOUR = timedelta(hours=1)


def world(seed: int) -> tuple[list[CaseRecord], ReportRecords]:
    dice = Random(seed)  # noqa: S311 - a seed has to replay it
    cases: list[CaseRecord] = []
    for each in seeded(seed):
        follows = dice.choice([None, *(other.id for other in cases)])
        cases.append(
            attrs.evolve(
                each,
                severity=dice.choice(["S1", "S2", None]),
                product=dice.choice(["db", None]),
                follows=follows,
                warranty=dice.choice([2, 50]) * HOUR,
            )
        )
    surveys = []
    for each in dice.sample(cases, 6):
        asked = dice.randrange(400)
        surveys.append(
            Survey(
                case=each.id,
                kind=dice.choice(["csat", "nps", "ces"]),
                asked=at(asked),
                answered=at(asked + dice.randrange(60)),
                score=dice.randrange(1, 6),
            )
        )
    complaints = []
    for number, each in enumerate(dice.sample(cases, 4)):
        came = dice.randrange(400)
        complaints.append(
            Complaint(
                id=f"B-{number}",
                customer=each.customer,
                case=dice.choice([each.id, None]),
                received=at(came),
                answered=at(came + dice.randrange(60)),
                is_upheld=dice.random() < 0.5,
                cause=dice.choice(["late", None]),
            )
        )
    return cases, ReportRecords(surveys=surveys, complaints=complaints)


def additive(figure: Figure) -> int | Fraction | timedelta | Share | None:
    quantile = figure.measure.startswith(("median", "p90", "a_day"))
    return None if quantile or isinstance(figure.value, Fraction | Interval) else figure.value


@given(seeds, periods, st.sampled_from(["severity", "customer", "agent"]))
def test_drill_downs_sum_to_the_total_and_hide_no_case(
    seed: int, period: tuple[int, int], by: str
) -> None:
    cases, records = world(seed)
    start, length = period
    found = report(cases, at(start), at(start + length), by=by, records=records)
    assert found.broken == {}
    for total in (each for each in found.figures if each.is_total):
        parts = found.groups(total.section, total.name, total.measure).values()
        ids = sorted(id for each in parts for id in each.ids)
        assert ids == sorted(total.ids)
        value = additive(total)
        if isinstance(value, Share):
            shares = [each.value for each in parts if isinstance(each.value, Share)]
            assert sum(shares, Share(0, 0)) == value
        elif value is not None:
            zero = timedelta() if isinstance(value, timedelta) else 0
            assert sum(map(additive, parts), zero) == value  # type: ignore[arg-type]


@given(seeds, periods)
def test_the_report_of_a_customer_is_the_customers_part_of_the_whole(
    seed: int, period: tuple[int, int]
) -> None:
    cases, records = world(seed)
    start, end = at(period[0]), at(sum(period))
    whole = report(cases, start, end, by="customer", records=records)
    own = report(cases, start, end, customer="acme", by="customer", records=records)
    for total in (each for each in own.figures if each.is_total and each.ids):
        part = whole.groups(total.section, total.name, total.measure)["acme"]
        assert (part.value, part.ids) == (total.value, total.ids)


@given(seeds, periods, st.randoms())
def test_a_report_is_stable_as_time_goes_on_and_in_any_order(
    seed: int, period: tuple[int, int], random: Random
) -> None:
    cases, records = world(seed)
    start, end = at(period[0]), at(sum(period))
    last = end - timedelta(microseconds=1)
    known = [attrs.evolve(each, history=each.history.as_known(last)) for each in cases]
    before = report(random.sample(known, len(known)), start, end, records=records)
    assert before == report(cases, start, end, records=records)


# "A day more costs a day": what is over is not measured again, and the report is the same.
@settings(max_examples=tries(20))
@given(seeds, st.lists(st.integers(1, 120), min_size=2, max_size=3))
def test_results_that_were_kept_change_nothing(seed: int, lengths: list[int]) -> None:
    cases, records = world(seed)
    kept: KeptResults = {}
    for end in sorted(lengths):
        found = report(cases, START, at(end), records=records, kept=kept)
        assert found == report(cases, START, at(end), records=records)
    known = dict(kept)
    assert len(known) == len(cases)  # what is over is not measured again
    longer = [
        attrs.evolve(cases[0], history=cases[0].history.append(Event.opened(at(0)))),
        *cases[1:],
    ]
    assert report(longer, START, at(end), kept=kept) == report(longer, START, at(end))
    assert len(kept) == len(known) + 1


def example() -> Report:
    cases = [
        case(
            "R-1",
            [
                Event.opened(at(1)),
                Event.paused(at(1.5), "customer", by="bob"),
                Event.resumed(at(2)),
                Event.responded(at(3)),
                Event.resolved(at(5)),
            ],
            severity="S1",
        ),
        case("R-2", [Event.opened(at(2))], severity="S2"),
        case("R-3", [Event.opened(at(-30)), Event.responded(at(-29))], severity="S1"),
    ]
    return report(cases, START, at(24))


@pytest.mark.parametrize(
    ("section", "name", "measure", "value", "ids"),
    [
        ("attainment", "first_response", "share", Share(1, 2), ("R-1", "R-2")),
        ("attainment", "first_response", "missed", 1, ("R-2",)),
        ("attainment", "first_response", "running", 0, ()),
        ("waiting", "first_response", "started", 2, ("R-1", "R-2")),
        ("waiting", "first_response", "over", 1, ("R-1",)),
        ("waiting", "first_response", "median_elapsed", 2 * HOUR, ("R-1", "R-2")),
        ("waiting", "first_response", "p90_elapsed", None, ("R-1", "R-2")),
        ("flow", "cases", "open_before", 1, ("R-3",)),
        ("flow", "cases", "opened", 2, ("R-1", "R-2")),
        ("flow", "cases", "over", 1, ("R-1",)),
        ("flow", "cases", "open_after", 2, ("R-2", "R-3")),
        ("backlog", "cases", "under_1d", 1, ("R-2",)),
        ("backlog", "cases", "from_1d", 1, ("R-3",)),
        ("pauses", "cases", "open_time", 50 * HOUR, ("R-1", "R-2", "R-3")),
        ("pauses", "cases", "held_time", HOUR / 2, ("R-1",)),
        ("pause_reasons", "customer", "pauses", 1, ("R-1",)),
        ("pause_agents", "bob", "held_time", HOUR / 2, ("R-1",)),
    ],
)
def test_each_figure_is_a_count_that_opens_to_its_cases(
    section: str, name: str, measure: str, value: object, ids: tuple[str, ...]
) -> None:
    found = example().figure(section, name, measure)
    assert (found.value, found.ids) == (value, ids)


def test_time_before_the_period_is_not_held_in_it() -> None:
    events = [Event.opened(at(-5)), Event.paused(at(-2), "customer"), Event.resumed(at(1))]
    held = report([case("R-1", events)], START, at(24))
    assert held.figure("pauses", "cases", "held_time").value == HOUR
    assert held.figure("pauses", "cases", "open_time").value == 24 * HOUR
    assert held.figure("pause_reasons", "customer", "held_time").value == HOUR
    later = report([case("R-1", events)], at(1), at(24))
    assert later.figure("pauses", "cases", "held_time").value == timedelta()


def test_one_broken_case_is_reported_and_still_in_the_backlog() -> None:
    severities = SlaPolicy(
        id="by severity",
        targets=[Target(milestone="first_response", within=HOUR, severities=["S1"])],
    )
    broken = case("R-2", [Event.opened(at(1), severity="S9")], policy=severities)
    fine = case("R-1", [Event.opened(at(1))])
    found = report([broken, fine, attrs.evolve(fine)], START, at(24), unread={"R-7": "no events"})
    assert found.broken.keys() == {"R-1", "R-2", "R-7"}
    assert "S9" in found.broken["R-2"]
    assert "several cases" in found.broken["R-1"]
    assert found.figure("attainment", "first_response", "share").value == Share(0, 1)
    assert found.figure("flow", "cases", "open_after").ids == ("R-1", "R-2")


def test_a_history_that_ends_before_it_begins_is_reported_and_its_end_does_not_count() -> None:
    backwards = case("R-1", [Event.resolved(at(1)), Event.opened(at(2))])
    never = case("R-2", [Event.closed(at(1))])
    found = report([backwards, never], START, at(24))
    assert found.broken["R-1"] == (
        "`resolved` at `2026-03-01T01:00:00Z` is before the opening and does not count"
    )
    assert found.broken.keys() == {"R-1", "R-2"}
    assert found.figure("flow", "cases", "open_after").ids == ("R-1",)


# The clocks of Berlin go forward on 29 March 2026, so that the month has 743 hours; an outage
# without an end lasts up to its last instant, and maintenance that overlaps counts once.
def test_a_month_with_a_clock_change_an_open_outage_and_overlapping_maintenance() -> None:
    march = utc("2026-02-28T23:00Z"), utc("2026-03-31T22:00Z")
    records = ReportRecords(
        outages=[Outage(id="O-1", service="db", start=march[1] - 3 * HOUR)],
        maintenance=[
            MaintenanceWindow(id="M-1", start=march[0], end=march[0] + 2 * HOUR),
            MaintenanceWindow(id="M-2", start=march[0] + HOUR, end=march[0] + 3 * HOUR),
        ],
    )
    found = report([], *march, records=records, zone="Europe/Berlin")
    times = {
        name: found.figure("availability", "db", name).value
        for name in ("up", "down", "unknown", "excluded")
    }
    assert times == {
        "up": (743 - 6) * HOUR,
        "down": 3 * HOUR,
        "unknown": timedelta(),
        "excluded": 3 * HOUR,
    }


def test_cases_without_a_value_are_a_group_of_their_own() -> None:
    cases = [case("R-1", [Event.opened(at(1))]), case("R-2", [Event.opened(at(1))], severity="S1")]
    groups = report(cases, START, at(24)).groups("flow", "cases", "opened")
    assert {group: each.ids for group, each in groups.items()} == {None: ("R-1",), "S1": ("R-2",)}


def test_a_survey_of_an_unknown_case_is_reported() -> None:
    survey = Survey(case="R-9", kind="nps", asked=at(1))
    found = report([], START, at(24), records=ReportRecords(surveys=[survey]))
    assert list(found.broken) == ["R-9"]


def test_nothing_is_stated_as_counts_of_0_and_shares_that_are_not_known() -> None:
    found = report([], START, at(24), customer="acme")
    assert found.figure("flow", "cases", "opened").value == 0
    assert not found.figure("pauses", "cases", "held_share").is_known
    assert found.customer == "acme"


def test_bad_questions_are_refused() -> None:
    for end in (START, at(-1)):
        with pytest.raises(InvalidValueError, match="not after"):
            report([], START, end)
    with pytest.raises(UnknownIdError, match="no dimension"):
        report([], START, at(1), by="colour")
    with pytest.raises(InvalidValueError, match="is not a case record"):
        report(["R-1"], START, at(1))  # type: ignore[list-item]
    with pytest.raises(UnknownIdError, match="did you mean `flow cases opened`"):
        report([], START, at(1)).figure("flow", "cases", "opend")


def test_availability_is_reported_for_each_service() -> None:
    down = Outage(id="O-1", service="db", start=at(-1), end=at(6))
    records = ReportRecords(services=["web"], outages=[down])
    found = report(
        [case("R-1", [Event.opened(at(1))], policy=POLICY)], START, at(24), records=records
    )
    share = found.figure("availability", "db", "share")
    assert share.value is not None
    assert (share.value.value, share.ids) == (Fraction(3, 4), ("O-1",))  # type: ignore[union-attr]
    assert found.figure("availability", "web", "down").value == timedelta()
