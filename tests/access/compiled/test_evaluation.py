"""An evaluation holds every failure of a right, and the fewest of them explain a denial."""

from __future__ import annotations

import attrs
from tests.access.small import ACCOUNT, CATALOG, CONTRACT, LINE, MONDAY, PLAN, REQUEST

from entitlements.access import Reason
from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import AccessRight, Account, ContractLine, Coverage
from entitlements.kernel.instants import DAY, to_micros

AT = to_micros(MONDAY)


def test_failures_of_line_person_right_and_hours_are_all_kept() -> None:
    more = AccessRight(id="web", group="desk", channels=["web"])
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, rights=[*PLAN.rights, more])])
    index = AccountIndex(ACCOUNT, catalog)
    asked = attrs.evolve(REQUEST, contact="zoe", severity="S9")
    saturday = AT + 5 * DAY
    experts, web = index.evaluate(asked, saturday)
    assert reasons_of_bits(experts.failures) == (
        Reason.CONTACT_NOT_NAMED,
        Reason.SEVERITY_UNKNOWN,
        Reason.WINDOW_CLOSED,
    )
    assert reasons_of_bits(web.failures) == (
        Reason.CONTACT_NOT_NAMED,
        Reason.CHANNEL_NOT_IN_RIGHT,
        Reason.SEVERITY_UNKNOWN,
    )
    assert index.fewest_failures(asked, saturday) == experts.failures
    assert index.fewest_failures(REQUEST, AT) == 0


def test_of_equally_few_failures_those_of_the_first_by_precedence_are_given() -> None:
    silver = attrs.evolve(PLAN, id="silver", severities=["S9"], channels=["web"])
    specific = ContractLine(id="2", plan="silver", coverage=Coverage(level="product", ids=["db"]))
    contract = attrs.evolve(CONTRACT, lines=[LINE, specific])
    account = Account(customer="acme", contracts=[contract])
    index = AccountIndex(account, attrs.evolve(CATALOG, plans=[PLAN, silver]))
    asked = attrs.evolve(REQUEST, severity="S9")
    counts = [each.failures.bit_count() for each in index.evaluate(asked, AT)]
    assert counts == [1, 1]
    assert reasons_of_bits(index.fewest_failures(asked, AT)) == (Reason.CHANNEL_NOT_IN_PLAN,)
