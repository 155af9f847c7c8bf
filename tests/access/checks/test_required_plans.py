"""Add-ons: they give their rights only while a plan that they need is in force."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, LINE, PLAN, REQUEST

from entitlements.access import Decision, Denied, Granted, Reason, RemedyKind, decide
from entitlements.access.checks.required_plans import required_plan_failures
from entitlements.contracts import (
    Account,
    Amendment,
    Block,
    Cancellation,
    Catalog,
    Contract,
    ContractLine,
    Grace,
    Plan,
    line_histories,
)
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.instants import to_micros, utc

BASE = attrs.evolve(PLAN, id="base", service=None, rights=[])
ADD_ON = attrs.evolve(PLAN, requires_plan=["base", "premier"])
PREMIER = attrs.evolve(BASE, id="premier")
SOLD = attrs.evolve(CATALOG, plans=[ADD_ON, BASE, PREMIER])
BASE_LINE = ContractLine(id="base", plan="base")
UNTIL_TENTH = attrs.evolve(BASE_LINE, end=date(2026, 3, 10))


def signed(*lines: ContractLine, id: str = "C") -> Contract:
    return attrs.evolve(CONTRACT, id=id, lines=lines)


def ask(
    *contracts: Contract, at: str = "2026-03-02T10:00Z", catalog: Catalog = SOLD, **said: object
) -> Decision:
    account = Account(customer="acme", contracts=contracts, **said)  # type: ignore[arg-type]
    return decide(REQUEST, catalog, account, utc(at))


def reasons(answer: Decision) -> tuple[Reason, ...]:
    return answer.reasons if isinstance(answer, Denied) else ()


def test_an_add_on_alone_gives_nothing_and_the_way_out_is_to_buy_the_plan() -> None:
    answer = ask(signed(LINE))
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.REQUIRED_PLAN_MISSING,)
    assert answer.valid_until is not None, "the desk closes, which is another reason"
    ways = [(each.kind, each.target) for each in answer.remedies]
    assert ways == [(RemedyKind.BUY_PLAN, "base"), (RemedyKind.BUY_PLAN, "premier")]
    assert all(isinstance(each.leads_to, Granted) for each in answer.remedies)


@pytest.mark.parametrize("plan", ["base", "premier"])
def test_a_line_of_one_of_the_plans_is_enough_under_any_contract(plan: str) -> None:
    other = signed(attrs.evolve(BASE_LINE, plan=plan), id="D")
    assert isinstance(ask(signed(LINE), other), Granted)
    assert reasons(ask(signed(LINE), signed(LINE, id="D"))) == (Reason.REQUIRED_PLAN_MISSING,)


def test_an_add_on_ends_at_the_first_instant_at_which_the_plan_is_out_of_force() -> None:
    last = ask(signed(LINE, UNTIL_TENTH), at="2026-03-10T16:59:59.999999Z")
    assert isinstance(last, Granted)
    monday = ask(signed(LINE, UNTIL_TENTH), at="2026-03-10T23:59:59.999999Z")
    assert not isinstance(monday, Denied), "accepted, and deferred to the morning"
    assert monday.valid_until == utc("2026-03-11T00:00Z")
    after = ask(signed(LINE, UNTIL_TENTH), at="2026-03-11T09:00Z")
    assert reasons(after) == (Reason.REQUIRED_PLAN_MISSING,)


def test_an_add_on_begins_with_the_plan_that_it_needs() -> None:
    begins = attrs.evolve(BASE_LINE, start=date(2026, 3, 3))
    before = ask(signed(LINE, begins), at="2026-03-02T16:00Z")
    assert reasons(before) == (Reason.REQUIRED_PLAN_MISSING,)
    wait = next(each for each in before.remedies if each.kind is RemedyKind.WAIT_UNTIL)  # type: ignore[union-attr]
    assert wait.at == utc("2026-03-03T00:00Z")
    assert isinstance(ask(signed(LINE, begins), at="2026-03-03T09:00Z"), Granted)


def test_grace_and_blocks_of_the_plan_leave_it_in_force() -> None:
    graced = attrs.evolve(SOLD, plans=[ADD_ON, attrs.evolve(BASE, grace=Grace(days=5)), PREMIER])
    short = attrs.evolve(signed(BASE_LINE, id="D"), end=date(2026, 3, 1), months=None)
    assert isinstance(ask(signed(LINE), short, catalog=graced), Granted)
    block = Block(id="B", contract="D", level="contract", start="2026-03-01T00:00Z")
    assert isinstance(ask(signed(LINE), signed(BASE_LINE, id="D"), changes=[block]), Granted)


def test_a_cancelled_or_amended_base_takes_the_add_on_with_it() -> None:
    base = signed(BASE_LINE, id="D")
    gone = Cancellation(id="K", contract="D", effective=date(2026, 2, 1))
    assert reasons(ask(signed(LINE), base, changes=[gone])) == (Reason.REQUIRED_PLAN_MISSING,)
    removed = Amendment(id="A", contract="D", effective=date(2026, 3, 2), removed=["base"])
    assert reasons(ask(signed(LINE), base, changes=[removed])) == (Reason.REQUIRED_PLAN_MISSING,)


def test_the_times_without_a_plan_are_those_in_which_no_line_of_it_is_in_force() -> None:
    account = Account(customer="acme", contracts=[signed(UNTIL_TENTH)])
    histories = line_histories(account, SOLD)
    wanted, plans = frozenset({"base"}), [attrs.evolve(PLAN, requires_plan=["base"])]
    steps = required_plan_failures(histories, frozenset(), plans)[wanted]
    begun, over = to_micros(utc("2026-01-01T00:00Z")), to_micros(utc("2026-03-11T00:00Z"))
    assert [bool(steps.at(at)) for at in (begun - 1, begun, over - 1, over)] == [
        True, False, False, True,
    ]  # fmt: skip
    missing = frozenset({("C", "base")})
    nothing = required_plan_failures(histories, missing, plans)[wanted]
    assert nothing.at(begun), "terms that are not known give nothing"


def test_a_plan_requires_known_plans_and_not_itself() -> None:
    with pytest.raises(UnknownIdError) as unknown:
        attrs.evolve(CATALOG, plans=[ADD_ON])
    assert unknown.value.path == "plans[0].requires_plan"
    with pytest.raises(InvalidValueError, match="requires itself") as circle:
        Plan(id="a", policy="p", severities=["1"], channels=["web"], rights=[], requires_plan=["a"])
    assert circle.value.path == "requires_plan"
