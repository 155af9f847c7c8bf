from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from entitlements.aftersales import Outage
from entitlements.documents import parse_facts
from entitlements.engine import PromiseVerdict
from entitlements.kernel import Span, UnknownIdError, utc
from entitlements.outcomes import CaseRecord, ReportRecords
from entitlements.outcomes.credit_promises import case_verdicts, outage_figures
from entitlements.sla import Event, History, SlaPolicy, Target

FACTS = parse_facts(
    """
    groups: desk
    plans:
      - id: gold
        severities: high
        channels: web
        group: desk
        first_response: 1h
        commercial:
          price: 310 EUR/month
          credits:
            availability: {bands: {below 99.9%: 10%}, service: portal}
            downtime: {bands: [{credit: 5, above: 60}], service: mail}
            missed: {1+: 5%}
    accounts:
      - customer: acme
        contracts:
          - {id: C-1, zone: Asia/Tokyo, start: 2026-02-01, end: 2026-04-30, any_contact: true,
             lines: [{id: main, plan: gold}]}
    """
)
APRIL = date(2026, 4, 1)


def outage(id: str, service: str, start: str, end: str) -> Outage:
    return Outage(id=id, service=service, start=start, end=end)


def figures(records: ReportRecords, until: date = APRIL) -> dict[tuple[str, date], Fraction]:
    found = outage_figures(FACTS, "acme", records, until)
    return {(each.schedule, each.start): each.figure for each in found}


def test_outages_are_counted_in_the_months_of_the_contract() -> None:
    # The outage begins in February by UTC, and lies in March in Tokyo, but for its first hour.
    records = ReportRecords(
        outages=[
            outage("1", "portal", "2026-02-28T14:00Z", "2026-02-28T16:00Z"),
            outage("2", "mail", "2026-03-05T00:00Z", "2026-03-05T01:30Z"),
        ]
    )
    assert figures(records) == {
        ("gold availability", date(2026, 2, 1)): Fraction(671 * 100, 672),
        ("gold availability", date(2026, 3, 1)): Fraction(743 * 100, 744),
        ("gold downtime", date(2026, 2, 1)): 0,
        ("gold downtime", date(2026, 3, 1)): 90,
    }


def test_a_service_of_which_nothing_is_known_has_no_figure() -> None:
    assert figures(ReportRecords()) == {}
    named = figures(ReportRecords(services=["portal"]), date(2026, 3, 1))
    assert named == {("gold availability", date(2026, 2, 1)): 100}
    hours = Span(utc("2026-01-31T15:00Z"), utc("2026-02-28T15:00Z"))
    planned = ReportRecords(services=["portal"], maintenance=[hours])
    assert figures(planned, date(2026, 3, 1)) == {}
    with pytest.raises(UnknownIdError):
        [*outage_figures(FACTS, "acne", ReportRecords(), APRIL)]


def test_promises_are_decided_before_a_day_begins_in_its_zone() -> None:
    target = Target(milestone="first_response", within=timedelta(hours=1))
    policy = SlaPolicy(id="p", targets=[target])
    events = [Event.opened("2026-03-31T14:00Z"), Event.responded("2026-03-31T15:30Z")]
    case = CaseRecord(id="R-1", customer="acme", history=History(events), policy=policy)
    # Due at 15:00, when April begins in Tokyo; in Berlin that is in seven hours.
    assert [*case_verdicts(case, APRIL, "Asia/Tokyo")] == []
    assert [*case_verdicts(case, APRIL, "Europe/Berlin")] == [
        PromiseVerdict(case="R-1", milestone="first_response", at="2026-03-31T15:00Z", kept=False)
    ]
