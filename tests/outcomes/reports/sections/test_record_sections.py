from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from scipy.stats import binomtest
from tests.outcomes.test_attainment import START, at, case

from entitlements.aftersales import Notice, Outage, SentNotice, Survey
from entitlements.kernel import utc
from entitlements.outcomes import (
    Ces,
    Nps,
    ObjectiveWindow,
    ReportRecords,
    ServiceObjective,
    Share,
    report,
    report_to_text,
)
from entitlements.sla import Event


def answered(kind: str, case: str, score: int, when: datetime) -> Survey:
    return Survey(case=case, kind=kind, asked=at(1), answered=when, score=score)


def test_each_answer_counts_in_the_period_in_which_it_came() -> None:
    cases = [case(f"R-{n}", [Event.opened(START)]) for n in range(3)]
    records = ReportRecords(
        surveys=[
            answered("csat", "R-0", 5, at(2)),
            answered("csat", "R-1", 1, at(24)),
            Survey(case="R-2", kind="csat", asked=at(1)),
        ]
    )
    first = report(cases, START, at(24), records=records)
    assert first.figure("satisfaction", "csat", "score").value == Share(1, 1)
    rate = first.figure("satisfaction", "csat", "response_rate")
    assert (rate.value, rate.ids) == (Share(1, 3), ("R-0", "R-1", "R-2"))
    second = report(cases, at(24), at(48), records=records)
    assert second.figure("satisfaction", "csat", "score").value == Share(0, 1)
    assert second.figure("satisfaction", "csat", "score").ids == ("R-1",)
    assert not second.figure("satisfaction", "csat", "response_rate").is_known


def test_scores_of_each_kind_are_computed_by_its_rule() -> None:
    cases = [case(f"R-{n}", [Event.opened(START)]) for n in range(6)]
    scores = [10, 9, 8, 6]
    surveys = [
        *(answered("nps", f"R-{n}", score, at(3)) for n, score in enumerate(scores)),
        answered("ces", "R-4", 7, at(3)),
        answered("ces", "R-5", 4, at(3)),
    ]
    found = report(cases, START, at(24), records=ReportRecords(surveys=surveys))
    assert found.figure("satisfaction", "nps", "score").value == Fraction(1, 4)
    assert found.figure("satisfaction", "ces", "score").value == Fraction(11, 2)
    assert (
        found.figure("satisfaction", "nps", "interval").value
        == Nps(scores=scores, asked=4).interval()
    )  # type: ignore[arg-type]
    effort = Ces(scores=[7, 4], asked=2).interval()  # type: ignore[arg-type]
    interval = found.figure("satisfaction", "ces", "interval")
    assert (interval.value, interval.ids) == (effort, ("R-4", "R-5"))


def test_the_interval_of_csat_is_that_of_its_share_in_each_group() -> None:
    cases = [case(f"R-{n}", [Event.opened(START)], severity=f"S{n % 2}") for n in range(6)]
    surveys = [answered("csat", f"R-{n}", 5 if n < 4 else 2, at(3)) for n in range(6)]
    found = report(cases, START, at(24), records=ReportRecords(surveys=surveys))
    assert found.figure("satisfaction", "csat", "interval").value == pytest.approx(
        tuple(binomtest(4, 6).proportion_ci(method="wilson"))
    )
    assert {
        group: each.value
        for group, each in found.groups("satisfaction", "csat", "interval").items()
    } == {f"S{n}": Share(2, 3).interval() for n in range(2)}
    nobody = report(cases, at(24), at(48), records=ReportRecords(surveys=surveys))
    assert not [each for each in nobody.figures if each.section == "satisfaction"]
    assert "30.00 to 90.32 %" in report_to_text(found)


def test_a_notice_is_in_time_by_the_zone_of_its_contract() -> None:
    def sent(customer: str, zone: str) -> SentNotice:
        due = Notice(
            kind="expiry",  # type: ignore[arg-type]
            customer=customer,
            subject="C-1",
            effective=date(2026, 5, 31),
            send_by=date(2026, 2, 28),
            zone=zone,
        )
        return SentNotice(notice=due, sent=START, acknowledged=at(30))

    records = ReportRecords(notices=[sent("acme", "UTC"), sent("globex", "America/New_York")])
    found = report([], START, at(24), records=records)
    assert found.figure("notices", "expiry", "sent").value == 2
    assert found.figure("notices", "expiry", "in_time").value == Share(1, 2)
    assert found.figure("notices", "expiry", "acknowledged").value == Share(0, 2)
    own = report([], START, at(31), customer="acme", records=records)
    assert own.figure("notices", "expiry", "acknowledged").value == Share(1, 1)


def test_nothing_is_known_of_an_objective_whose_first_window_begins_later() -> None:
    month = ObjectiveWindow(unit="months", starts=datetime(2026, 3, 1), zone="UTC")  # type: ignore[arg-type]  # noqa: DTZ001 - a wall time
    promised = ServiceObjective(id="up", service="db", percent=99, window=month)  # type: ignore[arg-type]
    records = ReportRecords(objectives=[promised])
    for start, end, known in (
        ("2026-02-01", "2026-03-01", None),
        ("2026-03-01", "2026-04-01", 31 * timedelta(hours=24) / 100),
    ):
        found = report([], utc(f"{start}T00:00Z"), utc(f"{end}T00:00Z"), records=records)
        assert found.figure("error_budgets", "up", "allowed").value == known


def test_an_error_budget_is_opened_to_the_outages_in_its_window() -> None:
    week = ObjectiveWindow(count=7, unit="days")  # type: ignore[arg-type]
    promised = ServiceObjective(id="up", service="db", percent=99, window=week)  # type: ignore[arg-type]
    outages = [
        Outage(id=id, service=service, start=at(start), end=at(end))
        for id, service, start, end in (
            ("O-1", "db", 1, 2),
            ("O-2", "db", 30, 33),
            ("O-3", "web", 200, 201),
            ("O-4", "db", 210, 212),
            ("O-5", "db", 220, 221),
        )
    ]
    records = ReportRecords(outages=outages, objectives=[promised])
    found = report([], at(204), at(216), records=records)  # a window of 168 hours since hour 48
    down = found.figure("error_budgets", "up", "down")
    assert (down.value, down.ids) == (timedelta(hours=2), ("O-4",))
    longer = report([], at(24), at(200), records=records)
    assert longer.figure("error_budgets", "up", "remaining").ids == ("O-2",)
