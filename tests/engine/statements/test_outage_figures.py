from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.aftersales.test_availability import DESK, Plan, Spell, at, meaning

from entitlements.aftersales import MaintenanceWindow, Outage
from entitlements.contracts import AvailabilityRules, line_histories
from entitlements.documents import parse_facts
from entitlements.engine import Promises, statement
from entitlements.engine.statements.outage_figures import outage_figures
from entitlements.engine.statements.sold_lines import sold_lines
from entitlements.kernel import Money, utc

TEXT = """
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
FACTS = parse_facts(TEXT)
APRIL = utc("2026-04-01T00:00+09:00")
FEBRUARY = utc("2026-03-01T00:00+09:00")


def outage(id: str, service: str, start: str, end: str) -> Outage:
    return Outage(id=id, service=service, start=start, end=end)


def figures(
    *outages: Outage, by: datetime = APRIL, **more: Any
) -> dict[tuple[str, date], Fraction]:
    lines = sold_lines(FACTS, line_histories(FACTS.accounts["acme"], FACTS.catalog))
    found = outage_figures(lines, outages, by, **more)
    return {(each.schedule, each.start): each.figure for each in found}


def test_outages_are_counted_in_the_months_of_the_contract() -> None:
    # The outage begins in February by UTC, and lies in March in Tokyo, but for its first hour.
    outages = [
        outage("1", "portal", "2026-02-28T14:00Z", "2026-02-28T16:00Z"),
        outage("2", "mail", "2026-03-05T00:00Z", "2026-03-05T01:30Z"),
    ]
    assert figures(*outages) == {
        ("gold availability", date(2026, 2, 1)): Fraction(671 * 100, 672),
        ("gold availability", date(2026, 3, 1)): Fraction(743 * 100, 744),
        ("gold downtime", date(2026, 2, 1)): 0,
        ("gold downtime", date(2026, 3, 1)): 90,
    }
    # March ends in Tokyo before it does by UTC, and an instant before that it is not over.
    early = figures(*outages, by=APRIL - date.resolution / 86_400)
    assert {day for _, day in early} == {date(2026, 2, 1)}


def test_a_service_of_which_nothing_is_known_has_no_figure() -> None:
    assert figures() == {}
    named = figures(services=["portal"], by=FEBRUARY)
    assert named == {("gold availability", date(2026, 2, 1)): 100}
    whole = MaintenanceWindow(
        id="M", service="portal", start="2026-01-31T15:00Z", end="2026-02-28T15:00Z"
    )
    watched: dict[str, Any] = {"services": ["portal"], "maintenance": [whole], "by": FEBRUARY}
    assert figures(**watched) == {}


AGREED = """
calendars: [{name: desk, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00; Sa 22:00-06:00"}]
groups: desk
credit_schedules:
  - {id: one, basis: availability, service: db, bands: BANDS, exclusions: ONE}
  - {id: two, basis: availability, service: db, bands: BANDS, exclusions: TWO}
plans:
  - id: gold
    severities: high
    channels: web
    group: desk
    first_response: 1h
    commercial: {price: 300 EUR/month, credits: [one, two]}
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: UTC, start: 2026-04-01, any_contact: true, lines: [{id: L, plan: gold}]}
"""
BANDS = {"below 99.9%": 10, "below 99%": 25, "below 90%": 50, "below 50%": 100}
MEANINGS = st.sampled_from(["excluded", "counts_as_up", "counts_as_is"])
EXCLUSIONS = st.fixed_dictionaries(
    {},
    optional={
        "maintenance": MEANINGS,
        "announced": st.sampled_from(["1h", "48h"]),
        "causes": st.dictionaries(st.sampled_from(["customer", "storm"]), MEANINGS),
        "within": st.just("desk"),
    },
)
APRIL_STARTS, HOURS = 5 * 1440, 30 * 24
hours = st.integers(0, HOURS).map(lambda each: APRIL_STARTS + 60 * each)
long = st.sampled_from([60, 300, 48 * 60, 300 * 60])
down = st.lists(
    st.builds(
        Spell, hours, long, st.booleans(), st.sampled_from([None, "customer", "storm", "provider"])
    ),
    min_size=1,
    max_size=4,
)
planned = st.lists(
    st.builds(Plan, hours, long, st.sampled_from([None, 0, 60, 2 * 1440])), max_size=2
)


def credit_by_hours(drawn: list[Spell], plans: list[Plan], rules: AvailabilityRules) -> int | None:
    """Return the percentage that is given back, by looking at each hour of April."""
    found = [
        meaning(minute, drawn, plans, rules)
        for minute in range(APRIL_STARTS, APRIL_STARTS + 60 * HOURS, 60)
        if rules.within is None or rules.within.is_open(at(minute))
    ]
    up, broken = found.count("up"), found.count("down")
    if not up + broken:
        return None
    percent = Fraction(100 * up, up + broken)
    edges = ((50, 100), (90, 50), (99, 25), (Fraction(999, 10), 10))
    return next((credit for edge, credit in edges if percent < edge), 0)


@given(down, planned, EXCLUSIONS, EXCLUSIONS)
def test_each_schedule_gives_the_credit_that_its_exclusions_leave(
    drawn: list[Spell], plans: list[Plan], one: dict[str, Any], two: dict[str, Any]
) -> None:
    text = AGREED.replace("BANDS", json.dumps(BANDS))
    facts = parse_facts(text.replace("ONE", json.dumps(one)).replace("TWO", json.dumps(two)))
    lines = sold_lines(facts, line_histories(facts.accounts["acme"], facts.catalog))
    known = outage_figures(
        lines,
        [each.outage(number) for number, each in enumerate(drawn)],
        utc("2026-05-01T00:00Z"),
        maintenance=[each.window() for each in plans],
    )
    month = statement(
        facts,
        "acme",
        date(2026, 4, 1),
        date(2026, 5, 1),
        promises=Promises(figures=[*known]),
    )
    found = {each.schedule.id: each.amount for each in month.credits}
    for name, stated in (("one", one), ("two", two)):
        percent = credit_by_hours(drawn, plans, rules_of(stated))
        assert found.get(name, Money(0, "EUR")) == Money(3 * (percent or 0), "EUR")


def rules_of(stated: dict[str, Any]) -> AvailabilityRules:
    lengths = {"1h": timedelta(hours=1), "48h": timedelta(hours=48)}
    given = dict(stated)
    if "announced" in given:
        given["announced"] = lengths[given["announced"]]
    if "within" in given:
        given["within"] = DESK
    return AvailabilityRules(**given)


def test_a_service_that_was_excluded_all_the_time_has_no_figure() -> None:
    lasting = Outage(id="1", service="portal", start="2026-01-01T00:00Z", cause="storm")
    text = "{bands: {below 99.9%: 10%}, service: portal, exclusions: {causes: {storm: excluded}}}"
    old = "{bands: {below 99.9%: 10%}, service: portal}"
    facts = parse_facts(TEXT.replace(old, text))
    lines = sold_lines(facts, line_histories(facts.accounts["acme"], facts.catalog))
    assert [*outage_figures(lines, [lasting], APRIL)] == []
    assert figures(lasting)["gold availability", date(2026, 3, 1)] == 0
