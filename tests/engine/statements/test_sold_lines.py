from __future__ import annotations

from datetime import date

from tests.engine.statements.acme import acme

from entitlements.contracts import line_histories
from entitlements.engine.facts import Facts
from entitlements.engine.statements.sold_lines import SoldLine, sold_lines
from entitlements.kernel.instants import to_micros

AMENDED = """{kind: amendment, id: A-1, contract: C-1, effective: 2026-03-11,
              lines: [{id: main, plan: PLAN, quantity: COUNT, calendars: {business: berlin}}]}"""


def line(facts: Facts) -> SoldLine:
    (found,) = sold_lines(facts, line_histories(facts.accounts["acme"], facts.catalog))
    return found


def days(sold: SoldLine) -> list[tuple[date, date | None, str]]:
    return [
        (sold.day(each.start), sold.last_day(each.end), each.terms.plan.id) for each in sold.times
    ]


def test_a_line_without_changes_is_one_time() -> None:
    assert days(line(acme())) == [(date(2026, 1, 1), date(2026, 12, 31), "gold")]


def test_another_plan_and_another_quantity_begin_a_time_and_the_same_ones_do_not() -> None:
    for plan, count, times in (("silver", "1", 2), ("gold", "2", 2), ("gold", "1", 1)):
        facts = acme(changes=AMENDED.replace("PLAN", plan).replace("COUNT", count))
        assert len(line(facts).times) == times
    silver = line(acme(changes=AMENDED.replace("PLAN", "silver").replace("COUNT", "1")))
    assert days(silver)[1] == (date(2026, 3, 11), date(2026, 12, 31), "silver")
    assert {silver.day(each.since) for each in silver.times} == {date(2026, 1, 1)}


def test_a_cancelled_line_ends_on_its_last_day() -> None:
    gone = "{kind: cancellation, id: X-1, contract: C-1, effective: 2026-03-15}"
    sold = line(acme(changes=gone))
    (fee, *others) = sold.fees(date(2026, 5, 1), is_first=True)
    assert others == []
    paid = [str(each.amount) for each in fee.lines(date(2026, 3, 1), date(2026, 5, 1))]
    assert fee.end in {date(2026, 3, 14), date(2026, 3, 15)}
    assert paid == [{14: "140.00 EUR", 15: "150.00 EUR"}[(fee.end or date.min).day]]


def test_the_hours_of_the_rates_are_those_of_the_line() -> None:
    sold = line(acme())
    (terms,) = sold.work_terms([])
    assert terms.rates is not None
    (rate,) = terms.rates.rates
    assert rate.after_hours is not None
    assert rate.after_hours.hours == "berlin"
    assert to_micros(terms.start) == sold.times[0].start
