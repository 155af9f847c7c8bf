"""Cases of an account: how many are open on a line, and which one a request follows."""

from __future__ import annotations

from datetime import timedelta

import attrs
from tests.access.small import CONTRACT, MONDAY, REQUEST, Case

from entitlements.access import Granted
from entitlements.access.compiled.case_index import CaseIndex
from entitlements.contracts import Account, OpenCase
from entitlements.kernel.instants import DAY, to_micros

AT = to_micros(MONDAY)
HOUR = timedelta(hours=1)
PLACE = ("C", "1")


def index(*cases: OpenCase, **fields: object) -> CaseIndex:
    """Return the index of an account with these cases."""
    account = Account(customer="acme", contracts=[CONTRACT], cases=cases, **fields)  # type: ignore[arg-type]
    return CaseIndex(account)


def case(id: str, **fields: object) -> OpenCase:
    """Return a case of the line that was opened an hour ago."""
    said = {"contract": "C", "line": "1", "opened": MONDAY - HOUR, "product": "db"} | fields
    return OpenCase(id=id, **said)  # type: ignore[arg-type]


def test_a_case_is_open_until_the_instant_it_is_closed() -> None:
    cases = index(case("a"), case("b", closed=MONDAY), case("c", opened=MONDAY + HOUR))
    assert cases.open_cases(PLACE, REQUEST, AT - 1) == 3
    assert cases.open_cases(PLACE, REQUEST, AT) == 2
    assert cases.open_cases(("C", "2"), REQUEST, AT) == 0
    assert (cases.next_closing(PLACE, AT - 1), cases.next_closing(PLACE, AT)) == (AT, None)


def test_the_requests_own_case_does_not_count_while_it_is_open() -> None:
    open_one, closed_one = case("R"), case("R", closed=MONDAY)
    assert index(open_one).open_cases(PLACE, REQUEST, AT) == 0
    assert index(open_one).open_cases(PLACE, attrs.evolve(REQUEST, id="other"), AT) == 1
    assert index(closed_one, case("a")).open_cases(PLACE, REQUEST, AT) == 1


def test_a_warranty_lasts_from_the_resolution_for_its_length() -> None:
    decision = Case().decision
    assert isinstance(decision, Granted)
    promise = decision.entitlement
    follow = attrs.evolve(REQUEST, follows="a")
    resolved = case("a", resolved=MONDAY, closed=MONDAY)
    length = timedelta(days=2)
    assert index(resolved).warranty(follow, promise, length) == (AT, AT + 2 * DAY)
    assert index(case("a")).warranty(follow, promise, length) is None
    assert index(resolved).warranty(REQUEST, promise, length) is None
    unknown = index(resolved, unknown={"cases": "down"})
    assert unknown.followed(follow, promise) is None
