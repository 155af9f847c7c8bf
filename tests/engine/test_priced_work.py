"""What a request will cost is said before anybody works, and until when that holds."""

from __future__ import annotations

import pickle
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing.work.charging.rate_steps import CompiledRates
from entitlements.documents import parse_facts
from entitlements.engine import Assessment, Engine, RequestPrice
from entitlements.kernel import Money, utc
from entitlements.kernel.instants import to_micros
from entitlements.kernel.requests import Request

TEXT = """
products: db
groups: desk
calendars: [{name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}]
plans:
  - id: gold
    severities: high
    channels: web
    group: desk
    hours: berlin
    reached: always
    first_response: 1h
    charge: CHARGE
    commercial:
      rates:
        zone: Europe/Berlin
        default: {hourly: 100 EUR/h, end: 2026-06-30}
        after hours: x1.5
        on site: 150 EUR/h
      work: {rounding: "15m per case, at least 30m", overage_hourly: 140 EUR/h}
PLAN
accounts:
  - customer: acme
    contracts: [{id: C-1, zone: Europe/Berlin, start: 2026-01-01, any_contact: true,
                 lines: [{id: main, plan: gold}] AGREED}]
"""
HOURS = """
    allowance: hours
    allowances: {id: hours, unit: minutes, amount: AMOUNT, cost: 30, over_use: allow_with_consent}
"""
REQUEST = Request(
    id="R-1", customer="acme", contact="dana", product="db", severity="high", channel="web"
)
MORNING = utc("2026-03-02T09:00Z")
EVENING = utc("2026-03-02T18:00Z")


def engine(charge: str = "time_and_materials", plan: str = "", agreed: str = "") -> Engine:
    text = TEXT.replace("CHARGE", charge).replace("PLAN", plan).replace("AGREED", agreed)
    return Engine(parse_facts(text))


def price(answer: Assessment) -> RequestPrice:
    assert answer.price is not None
    return answer.price


def test_work_by_the_hour_costs_the_rate_until_the_hours_are_over() -> None:
    answer = engine().assess(REQUEST, MORNING)
    assert price(answer) == RequestPrice(
        kind="time_and_materials",  # type: ignore[arg-type]
        hourly=Money(100, "EUR"),
        rate="default",
        minimum=timedelta(minutes=30),
        least=Money(50, "EUR"),
        until=utc("2026-03-02T17:00+01:00"),
    )
    assert answer.valid_until == utc("2026-03-02T17:00+01:00")


def test_work_after_hours_costs_more_until_the_next_opening() -> None:
    answer = engine().assess(REQUEST, EVENING)
    assert (price(answer).hourly, price(answer).after_hours) == (Money(150, "EUR"), True)
    assert (price(answer).least, price(answer).until) == (
        Money(75, "EUR"),
        utc("2026-03-03T09:00+01:00"),
    )
    assert (
        "Price: 150.00 EUR an hour after hours (rate `default`), at least 75.00 EUR for 30m, "
        in (answer.explain())
    )
    assert "This holds until 2026-03-03T08:00:00Z." in answer.explain()


def test_a_price_ends_with_its_rate_and_then_there_is_none() -> None:
    last = engine().assess(REQUEST, utc("2026-06-30T19:00+02:00"))
    assert price(last).until == utc("2026-07-01T00:00+02:00")
    assert engine().assess(REQUEST, utc("2026-07-01T00:00+02:00")).price is None


@pytest.mark.parametrize(
    ("charge", "amount", "hourly"),
    [("included", "600", None), ("included", "0", 140), ("time_and_materials", "600", None)],
)
def test_only_what_is_neither_included_nor_prepaid_has_a_price(
    charge: str, amount: str, hourly: int | None
) -> None:
    answer = engine(charge, HOURS.replace("AMOUNT", amount)).assess(REQUEST, MORNING)
    found = None if answer.price is None else answer.price.hourly
    assert found == (None if hourly is None else Money(hourly, "EUR"))


def test_what_consent_would_cost_is_said_before_it_is_given() -> None:
    empty = engine("included", HOURS.replace("AMOUNT", "0"))
    asked = empty.assess(REQUEST, EVENING)
    assert price(asked).consent_needed
    assert price(asked).hourly == Money(140, "EUR")
    assert price(asked).until is None
    assert "if the customer agrees" in asked.explain()
    agreed = empty.assess(attrs.evolve(REQUEST, conditions=["overage-consent"]), EVENING)
    assert not price(agreed).consent_needed
    assert price(agreed).least == Money(70, "EUR")


def test_a_contract_has_its_own_rates_in_place_of_those_of_the_plan() -> None:
    own = engine(agreed=", commercial: {rates: {default: 80 EUR/h}}").assess(REQUEST, EVENING)
    assert (price(own).hourly, price(own).minimum) == (Money(80, "EUR"), timedelta(minutes=30))


def test_a_plan_without_prices_and_a_denial_have_none() -> None:
    assert engine(charge="included").assess(REQUEST, MORNING).price is None
    stranger = attrs.evolve(REQUEST, customer="nobody")
    assert engine().assess(stranger, MORNING).price is None


def test_an_account_that_is_passed_has_its_own_price() -> None:
    cheap = engine(agreed=", commercial: {rates: {default: 80 EUR/h}}")
    account = engine().facts.accounts["acme"]
    assert price(cheap.assess(REQUEST, MORNING)).hourly == Money(80, "EUR")
    assert price(cheap.assess(REQUEST, MORNING, account=account)).hourly == Money(100, "EUR")


def test_a_stored_answer_keeps_its_price() -> None:
    answer = engine().assess(REQUEST, EVENING)
    stored = pickle.loads(pickle.dumps(answer))  # noqa: S301 - our own bytes
    assert stored.price == answer.price
    assert Assessment.from_dict(answer.to_dict()).price == answer.price
    assert stored.explain() == answer.explain()


@given(st.integers(0, 60 * 24 * 200))
def test_the_price_is_that_of_the_first_minute_of_work_and_changes_when_it_says(
    minutes: int,
) -> None:
    world = engine()
    at = utc("2026-01-05T00:00Z") + timedelta(minutes=minutes)
    found = world.assess(REQUEST, at).price
    card = world.facts.prices.rate_cards["gold"]
    rates = CompiledRates(card, world.facts.catalog.calendars)
    now = to_micros(at)
    parts = [*rates.priced_parts(("", None, "work"), now, now + 60_000_000 * 60 * 24 * 7)]
    assert (None if found is None else found.hourly) == (parts[0][2] and parts[0][2].hourly)
    if found is not None and found.until is not None and len(parts) > 1:
        assert to_micros(found.until) == parts[0][1]


def test_a_case_beyond_the_incidents_that_were_bought_has_one_price() -> None:
    plan = """
    allowance: cases
    allowances: {id: cases, unit: incidents, amount: 0, over_use: allow_with_consent}
"""
    text = TEXT.replace("CHARGE", "included").replace("PLAN", plan).replace("AGREED", "")
    asked = Engine(parse_facts(text.replace("work: {", "work: {overage_incident: 250 EUR, ")))
    answer = asked.assess(REQUEST, MORNING)
    assert price(answer) == RequestPrice(
        kind="overage",  # type: ignore[arg-type]
        incident=Money(250, "EUR"),
        least=Money(250, "EUR"),
        consent_needed=True,
    )
    assert "Price: 250.00 EUR for the case, if the customer agrees." in answer.explain()
    for language, words in (
        ("en", "The case costs 250.00 EUR."),
        ("de", "Der Fall kostet 250.00 EUR."),
        ("es", "El caso cuesta 250.00 EUR."),
    ):
        assert words in answer.explain(audience="customer", language=language)
