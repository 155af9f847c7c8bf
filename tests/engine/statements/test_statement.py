"""What a customer owes for a period follows from its contracts and the work that was logged."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from tests.engine.statements.acme import acme

from entitlements.billing import ChargedCase, Sheet, WorkLog
from entitlements.engine import Promises, PromiseVerdict, statement
from entitlements.engine.facts import Facts
from entitlements.kernel import (
    ConflictError,
    InvalidValueError,
    NotCoveredError,
    UnknownIdError,
    utc,
)

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in range(1, 6))
CASES = [ChargedCase(id=f"R-{number}", contract="C-1", line="main") for number in range(3)]
LATE_CALL = WorkLog(
    id="W-1", case="R-1", agent="ada", start="2026-03-27T15:10+01:00", end="2026-03-27T17:20+01:00"
)


def lines_of(sheet: Sheet) -> list[tuple[str, str, str]]:
    return [(each.kind.value, each.source, str(each.amount)) for each in sheet.lines]


def test_a_month_has_its_fee_the_prepaid_hour_and_the_rest_by_the_hour() -> None:
    found = statement(acme(), "acme", MARCH, APRIL, [LATE_CALL], cases=CASES)
    # 2 h 10 are billed as 2 h 15; an hour is included; 50 min at 100, and 25 min at 150 an hour
    assert lines_of(found.sheet) == [
        ("standing", "gold", "310.00 EUR"),
        ("prepaid", "W-1", "0.00 EUR"),
        ("time_and_materials", "W-1", "83.33 EUR"),
        ("time_and_materials", "W-1", "62.50 EUR"),
    ]
    assert (found.sheet.start, found.sheet.end) == (
        utc("2026-03-01T00:00+01:00"),
        utc("2026-04-01T00:00+02:00"),
    )
    assert found.sheet.id == "acme 2026-03-01"


def test_a_month_that_was_forgotten_takes_nothing_back_of_a_later_one() -> None:
    in_april = WorkLog(
        id="W-2", case="R-2", agent="ada", start="2026-04-15T08:00Z", end="2026-04-15T10:00Z"
    )
    work = [LATE_CALL, in_april]
    billing = """billing_accounts:
      - {customer: acme, commitments: [{id: least, contract: C-1, line: main, zone: UTC,
         amount: 300 EUR, start: 2026-03-15, schedule: {every: month, anchor: 2026-03-15}}]}"""
    known = acme(billing=billing)
    alone = statement(known, "acme", MARCH, APRIL, work, cases=CASES).sheet
    april = statement(known, "acme", APRIL, MAY, work, cases=CASES).sheet
    assert {each.source for each in april.lines} == {"gold", "W-2", "least"}
    march = statement(known, "acme", MARCH, APRIL, work, cases=CASES, issued=[april]).sheet
    assert march == alone


def test_an_issued_sheet_of_a_part_of_the_period_and_of_later_time_is_refused() -> None:
    quarter = statement(acme(), "acme", FEBRUARY, MAY, [LATE_CALL], cases=CASES).sheet
    with pytest.raises(ConflictError, match="is of a part of the period, and of later time"):
        statement(acme(), "acme", MARCH, APRIL, [LATE_CALL], cases=CASES, issued=[quarter])


def test_a_price_of_the_contract_is_in_place_of_that_of_the_plan() -> None:
    own = acme(agreed=", commercial: {price: {amount: 99 EUR, billing_day: 15}}")
    found = statement(own, "acme", MARCH, APRIL)
    assert lines_of(found.sheet) == [("standing", "C-1", "99.00 EUR")]


def test_a_change_of_plan_is_a_credit_and_a_charge_with_the_same_periods() -> None:
    changes = """{kind: amendment, id: A-1, contract: C-1, effective: 2026-03-11,
                  lines: [{id: main, plan: silver, calendars: {business: berlin}}]}"""
    march = statement(acme(), "acme", MARCH, APRIL, [LATE_CALL], cases=CASES).sheet
    after = statement(
        acme(changes=changes), "acme", APRIL, MAY, [LATE_CALL], cases=CASES, issued=[march]
    ).sheet
    assert lines_of(after) == [
        ("adjustment", "gold", "-210.00 EUR"),  # 10 of 31 days of 310 are left
        ("standing", "silver", "105.00 EUR"),  # 21 of 31 days of 155
        ("adjustment", "W-1", "-52.50 EUR"),  # 70 min at 80 an hour, not rounded; 145.83 before
        ("standing", "silver", "155.00 EUR"),
    ]


def test_work_before_a_change_of_plan_keeps_its_rate() -> None:
    changes = """{kind: amendment, id: A-1, contract: C-1, effective: 2026-04-01,
                  lines: [{id: main, plan: silver, calendars: {business: berlin}}]}"""
    march = statement(acme(), "acme", MARCH, APRIL, [LATE_CALL], cases=CASES).sheet
    april = WorkLog(
        id="W-2", case="R-2", agent="ada", start="2026-04-02T08:00Z", end="2026-04-02T10:00Z"
    )
    after = statement(
        acme(changes=changes), "acme", APRIL, MAY, [LATE_CALL, april], cases=CASES, issued=[march]
    ).sheet
    assert lines_of(after) == [
        ("standing", "silver", "155.00 EUR"),
        ("prepaid", "W-2", "0.00 EUR"),
        ("time_and_materials", "W-2", "80.00 EUR"),
    ]


BILLING = """
billing_accounts:
  - customer: acme
    blocks: {id: extra, contract: C-1, line: main, price: 90 EUR, amount: 2h, lifetime: month,
             renews: true, zone: Europe/Berlin, start: 2026-03-01}
    discounts: {id: partner, percent: 10%, contract: C-1, kinds: standing, zone: Europe/Berlin}
    commitments:
      - {id: least, contract: C-1, line: main, amount: 50 EUR, zone: Europe/Berlin,
         start: 2026-03-01, schedule: {every: month, anchor: 2026-03-01}}
"""


def test_blocks_discounts_and_commitments_of_the_billing_account_are_on_the_bill() -> None:
    facts = acme(billing=BILLING)
    march = statement(facts, "acme", MARCH, APRIL, [LATE_CALL], cases=CASES).sheet
    assert sorted(lines_of(march)) == [
        ("discount", "extra", "-9.00 EUR"),
        ("discount", "gold", "-31.00 EUR"),
        ("prepaid", "W-1", "0.00 EUR"),
        ("prepaid", "W-1", "0.00 EUR"),
        ("prepaid", "W-1", "0.00 EUR"),
        ("standing", "extra", "90.00 EUR"),
        ("standing", "gold", "310.00 EUR"),
    ]
    assert sum(each.units for each in march.lines) == 135
    april = statement(facts, "acme", APRIL, MAY, [LATE_CALL], cases=CASES, issued=[march]).sheet
    assert ("standing", "least", "50.00 EUR") in lines_of(april)


def test_a_credit_is_given_without_a_claim_or_when_it_is_claimed() -> None:
    verdicts = [
        PromiseVerdict(case="R-1", milestone="resolution", at="2026-03-31T21:59Z", kept=False),
        PromiseVerdict(case="R-1", milestone="resolution", at="2026-03-31T22:00Z", kept=False),
        PromiseVerdict(case="R-1", milestone="update", at="2026-03-31T20:00Z", kept=True),
    ]
    waiting = statement(
        acme(), "acme", MARCH, APRIL, cases=CASES, promises=Promises(verdicts=verdicts)
    )
    (credit,) = waiting.credits
    assert (credit.id, str(credit.amount)) == ("gold missed 2026-03-01 of C-1 main", "15.50 EUR")
    assert credit.claimable_until == utc("2026-05-01T00:00+02:00")
    assert str(waiting.sheet.total) == "310.00 EUR"
    claimed = Promises(verdicts=verdicts, claims={credit.id: utc("2026-04-20T09:00Z")})
    april = statement(
        acme(), "acme", APRIL, MAY, cases=CASES, promises=claimed, issued=[waiting.sheet]
    )
    assert ("credit", credit.id, "-15.50 EUR") in lines_of(april.sheet)


def test_a_follow_up_within_the_warranty_is_free() -> None:
    cases = """{id: R-1, contract: C-1, line: main, product: db, opened: 2026-03-02T09:00Z,
                resolved: 2026-03-03T09:00Z, closed: 2026-03-03T09:00Z},
               {id: R-2, contract: C-1, line: main, product: db, follows: R-1,
                opened: %s}"""
    log = attrs.evolve(LATE_CALL, case="R-2")
    for opened, kind in (("2026-03-05T08:59Z", "included"), ("2026-03-05T09:00Z", "prepaid")):
        sheet = statement(acme(cases=cases % opened), "acme", MARCH, APRIL, [log]).sheet
        assert next(each.kind.value for each in sheet.lines if each.source == "W-1") == kind


@pytest.mark.parametrize(
    ("facts", "customer", "end", "logs", "error", "message"),
    [
        (acme(), "blox", APRIL, [], UnknownIdError, "no account has the id `blox`"),
        (acme(), "acme", MARCH, [], InvalidValueError, "the period ends on `2026-03-01`"),
        (acme(), "acme", APRIL, [attrs.evolve(LATE_CALL, case="R-9")], UnknownIdError, "`R-9`"),
        (acme(agreed=", commercial: {rates: {default: 9 USD/h}, price: 9 USD/month}",
              changes="""{kind: amendment, id: A-1, contract: C-1, effective: 2026-02-01,
                          lines: [{id: more, plan: gold, calendars: {business: berlin}}]}"""),
         "acme", APRIL, [], NotCoveredError, None),
    ],
)  # fmt: skip
def test_a_bill_that_cannot_be_made_says_why(
    facts: Facts,
    customer: str,
    end: date,
    logs: list[WorkLog],
    error: type[Exception],
    message: str | None,
) -> None:
    if message is None:
        assert statement(facts, customer, MARCH, end, logs).sheet.currency == "USD"
        return
    with pytest.raises(error, match=message):
        statement(facts, customer, MARCH, end, logs, cases=CASES)


def test_a_price_list_without_a_price_in_the_period_is_an_error() -> None:
    ended = acme(
        agreed=", commercial: {price: {prices: {item: C-1, amount: 9 EUR, end: 2026-03-31}}}"
    )
    assert str(statement(ended, "acme", MARCH, APRIL).sheet.total) == "9.00 EUR"
    with pytest.raises(NotCoveredError, match="has no price of `C-1` on `2026-04-01`"):
        statement(ended, "acme", APRIL, MAY)


def test_a_customer_without_prices_states_its_currency() -> None:
    free = attrs.evolve(acme(), catalog=attrs.evolve(acme().catalog, plans=[
        attrs.evolve(each, commercial=None) for each in acme().catalog.plans
    ]))  # fmt: skip
    with pytest.raises(NotCoveredError, match=r"`acme` has no prices .*`commercial`") as refused:
        statement(free, "acme", MARCH, APRIL)
    assert "`billing_accounts: [{customer: acme, currency: EUR}]`" in str(refused.value.hint)
