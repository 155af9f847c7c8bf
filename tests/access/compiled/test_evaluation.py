"""An evaluation holds every failure of a right, and the fewest of them explain a denial."""

from __future__ import annotations

import attrs
from tests.access.small import ACCOUNT, CATALOG, MONDAY, PLAN, REQUEST

from entitlements.access import Reason
from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import AccessRight
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
