from __future__ import annotations

from tests.engine.statements.acme import acme

from entitlements.billing import WorkLog
from entitlements.contracts.lines.line_status import line_histories
from entitlements.engine.statements.sold_lines import sold_lines
from entitlements.engine.statements.work_terms import prepaid_work, work_terms
from entitlements.kernel import utc
from entitlements.kernel.instants import to_micros

CASES = "{id: R-1, contract: C-1, line: main, opened: 2026-03-02T09:00Z}"
BLOCK = """
billing_accounts:
  - customer: acme
    blocks:
      - {id: extra, contract: C-1, line: main, price: 90 EUR, amount: 60, lifetime: month,
         zone: Europe/Berlin, start: 2026-02-10}
"""


def test_terms_have_the_grants_of_plans_and_blocks_that_begin_before_an_instant() -> None:
    facts = acme(billing=BLOCK)
    lines = sold_lines(facts, line_histories(facts.accounts["acme"], facts.catalog))
    until = to_micros(utc("2026-02-09T23:00Z"))  # the first instant of 10 February in Berlin
    for later, amounts in ((0, [60, 60]), (1, [60, 60, 60])):
        (found,) = work_terms(
            facts.accounts["acme"], lines, facts.billing_accounts["acme"], until + later
        )
        assert [each.amount for each in found.grants] == amounts


def test_work_takes_what_a_statement_says_without_any_price() -> None:
    facts = acme(cases=CASES)
    account = facts.accounts["acme"]
    work = WorkLog(
        id="W-1", case="R-1", agent="ada", start="2026-03-02T09:00Z", end="2026-03-02T09:31Z"
    )
    histories = line_histories(account, facts.catalog)
    (use,) = prepaid_work(facts, account, histories, [work], to_micros(work.end))
    assert (use.case, use.units, use.at) == ("R-1", 45, work.start)
