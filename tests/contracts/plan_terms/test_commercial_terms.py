"""Commercial terms: they name prices, and no decision about access reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access import Granted, decide
from entitlements.contracts import Account
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms, UptimePromise
from entitlements.documents import facts_diff, parse_facts, plan_tables, write_facts
from entitlements.kernel.errors import DocumentError, DuplicateIdError, InvalidValueError

AT = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = """
groups: desk
plans:
  - id: cloud
    severities: high
    channels: web
    group: desk
    first_response: 1h
    commercial:
      price: list-2026
      rates: standard
      credits: [availability]
      uptime: {share: 99.95%, period: quarter}
price_lists:
  - {id: list-2026, prices: {item: cloud, amount: 90 EUR}}
  - {id: list-2027, prices: {item: cloud, amount: 95 EUR}}
rate_cards: {id: standard, rates: {default: 120 EUR/h}}
credit_schedules: {id: availability, basis: availability, bands: {below 99.9%: 10%}}
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: UTC, start: 2026-01-01, months: 12, contacts: dana,
         commercial: {uptime: 99.99%}, lines: [{id: L-1, plan: cloud}]}
"""


@pytest.mark.parametrize("share", ["0", "1.001", "-1", "a lot"])
def test_an_uptime_that_is_no_share_of_time_is_refused(share: str) -> None:
    with pytest.raises(InvalidValueError):
        UptimePromise(share=share)


@pytest.mark.parametrize(
    ("said", "error"),
    [({}, InvalidValueError), ({"credits": ["late", "late"]}, DuplicateIdError)],
)
def test_terms_without_sense_are_refused(said: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        CommercialTerms(**said)


def test_terms_are_read_written_and_shown() -> None:
    facts = parse_facts(TEXT)
    (plan,) = facts.catalog.plans
    assert plan.commercial == CommercialTerms(
        price="list-2026",
        rates="standard",
        credits=["availability"],
        uptime=UptimePromise(share=Fraction(9995, 10000), period="quarter"),
    )
    assert parse_facts(write_facts(facts)) == facts
    (table,) = plan_tables(facts)
    assert dict(table.terms)["commercial terms"] == (
        "price list-2026, rates standard, credits availability, uptime 99.95% each quarter"
    )


def test_more_uptime_is_better_and_another_price_is_unclear() -> None:
    facts = parse_facts(TEXT)
    more = parse_facts(TEXT.replace("99.95%", "99.97%"))
    other = parse_facts(TEXT.replace("price: list-2026", "price: list-2027"))
    for changed, effect in ((more, "better"), (other, "unclear")):
        (change,) = facts_diff(facts, changed, AT)
        assert str(change).startswith(f"{effect}: plan cloud, commercial terms: was ")


def test_a_share_that_is_none_is_a_problem_with_its_place() -> None:
    with pytest.raises(DocumentError, match=r"uptime: `99,9` is not a share of time"):
        parse_facts(TEXT.replace("uptime: 99.99%", "uptime: '99,9'"))


def test_no_decision_reads_them() -> None:
    terms = CommercialTerms(price="list")
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, commercial=terms)])
    account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, commercial=terms)])
    plain = decide(REQUEST, CATALOG, Account(customer="acme", contracts=[CONTRACT]), MONDAY)
    assert isinstance(plain, Granted)
    answer = decide(REQUEST, catalog, account, MONDAY)
    assert isinstance(answer, Granted)
    assert answer.promise == plain.promise
