"""Other plans: add-ons need one in force, and default plans are suspended by a better one."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, LINE, PLAN, REQUEST

from entitlements.access import Decision, Denied, Granted, Reason, RemedyKind, decide
from entitlements.access.checks.other_plans import OtherPlans
from entitlements.contracts import (
    AccessRight,
    Account,
    Amendment,
    Block,
    Cancellation,
    Catalog,
    Contract,
    ContractLine,
    Coverage,
    Grace,
    Plan,
    line_histories,
)
from entitlements.contracts.dates.step_function import StepFunction
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


def failures(others: OtherPlans) -> StepFunction[int]:
    return others.failures_over_time(REQUEST)["gold", "1"]


def test_the_times_without_a_plan_are_those_in_which_no_line_of_it_is_in_force() -> None:
    account = Account(customer="acme", contracts=[signed(UNTIL_TENTH)])
    histories = line_histories(account, SOLD)
    plans = [attrs.evolve(PLAN, requires_plan=["base"])]
    catalog = attrs.evolve(CATALOG, plans=[*plans, BASE])
    steps = failures(OtherPlans(histories, frozenset(), catalog, account))
    begun, over = to_micros(utc("2026-01-01T00:00Z")), to_micros(utc("2026-03-11T00:00Z"))
    assert [bool(steps.at(at)) for at in (begun - 1, begun, over - 1, over)] == [
        True, False, False, True,
    ]  # fmt: skip
    missing = frozenset({("C", "base")})
    nothing = failures(OtherPlans(histories, missing, catalog, account))
    assert nothing.at(begun), "terms that are not known give nothing"


def test_a_plan_requires_known_plans_and_not_itself() -> None:
    with pytest.raises(UnknownIdError) as unknown:
        attrs.evolve(CATALOG, plans=[ADD_ON])
    assert unknown.value.path == "plans[0].requires_plan"
    with pytest.raises(InvalidValueError, match="requires itself") as circle:
        Plan(id="a", policy="p", severities=["1"], channels=["web"], rights=[], requires_plan=["a"])
    assert circle.value.path == "requires_plan"


BASIC = attrs.evolve(
    PLAN,
    id="basic",
    service=None,
    rights=[AccessRight(id="desk", group="desk")],
    suspended_by=["gold", "premier"],
)
GOLD = attrs.evolve(PLAN, service=None, rights=[AccessRight(id="experts", group="dba")])
DEFAULTS = attrs.evolve(CATALOG, plans=[BASIC, GOLD, attrs.evolve(GOLD, id="premier")])
DEFAULT_LINE = ContractLine(id="0", plan="basic")
UNTIL_NINTH = attrs.evolve(LINE, end=date(2026, 3, 9))


def line_of(answer: Decision) -> str | None:
    return None if isinstance(answer, Denied) else answer.entitlement.line


def test_a_default_plan_gives_nothing_while_a_better_one_is_active() -> None:
    answer = ask(signed(DEFAULT_LINE, LINE), catalog=DEFAULTS)
    assert line_of(answer) == "1"
    default = next(each for each in answer.candidates if each.plan == "basic")
    assert default.reasons == (Reason.SUSPENDED_BY_PLAN,)
    (result,) = [each for each in default.results if each.check == "suspending_plan"]
    assert result.cites == ("basic@1",)
    assert line_of(ask(signed(DEFAULT_LINE), catalog=DEFAULTS)) == "0"


@pytest.mark.parametrize("plan", ["gold", "premier"])
def test_each_of_the_better_plans_suspends_it_under_any_contract(plan: str) -> None:
    other = signed(attrs.evolve(LINE, plan=plan), id="D")
    named = attrs.evolve(REQUEST, contract="C")
    account = Account(customer="acme", contracts=[signed(DEFAULT_LINE), other])
    answer = decide(named, DEFAULTS, account, utc("2026-03-02T10:00Z"))
    assert reasons(answer) == (Reason.SUSPENDED_BY_PLAN,)


def test_who_may_not_ask_under_the_better_plan_has_no_default_rights_either() -> None:
    strangers = attrs.evolve(signed(LINE, id="D"), contacts=[])
    answer = ask(signed(DEFAULT_LINE), strangers, catalog=DEFAULTS)
    assert reasons(answer) == (Reason.SUSPENDED_BY_PLAN,)


def test_default_rights_return_at_the_first_instant_after_the_better_plan() -> None:
    both = signed(DEFAULT_LINE, UNTIL_NINTH)
    last = ask(both, at="2026-03-09T23:59:59.999999Z", catalog=DEFAULTS)
    assert (line_of(last), last.valid_until) == ("1", utc("2026-03-10T00:00Z"))
    assert line_of(ask(both, at="2026-03-10T00:00Z", catalog=DEFAULTS)) == "0"


def test_a_suspended_default_is_worth_the_wait_until_the_better_plan_is_over() -> None:
    strangers = attrs.evolve(signed(UNTIL_NINTH, id="D"), contacts=[])
    answer = ask(signed(DEFAULT_LINE), strangers, catalog=DEFAULTS)
    assert isinstance(answer, Denied)
    assert answer.valid_until == utc("2026-03-10T00:00Z")
    wait = next(each for each in answer.remedies if each.kind is RemedyKind.WAIT_UNTIL)
    assert wait.at == utc("2026-03-10T00:00Z")


def test_default_rights_end_when_the_better_plan_begins() -> None:
    begins = attrs.evolve(LINE, start=date(2026, 3, 3))
    before = ask(signed(DEFAULT_LINE, begins), at="2026-03-02T23:59Z", catalog=DEFAULTS)
    assert (line_of(before), before.valid_until) == ("0", utc("2026-03-03T00:00Z"))
    assert (
        line_of(ask(signed(DEFAULT_LINE, begins), at="2026-03-03T00:00Z", catalog=DEFAULTS)) == "1"
    )


def test_a_better_plan_for_another_product_suspends_nothing() -> None:
    elsewhere = attrs.evolve(LINE, coverage=Coverage(level="product", ids=["os"]))
    assert line_of(ask(signed(DEFAULT_LINE, elsewhere), catalog=DEFAULTS)) == "0"
    asked = attrs.evolve(REQUEST, product="os")
    account = Account(customer="acme", contracts=[signed(DEFAULT_LINE, elsewhere)])
    assert line_of(decide(asked, DEFAULTS, account, utc("2026-03-02T10:00Z"))) == "1"


def test_a_better_plan_that_is_blocked_or_in_grace_suspends_nothing() -> None:
    block = Block(id="B", contract="D", level="contract", start="2026-03-01T00:00Z")
    better = signed(LINE, id="D")
    assert line_of(ask(signed(DEFAULT_LINE), better, catalog=DEFAULTS, changes=[block])) == "0"
    mail = AccessRight(id="mail", group="dba", channels=["web"])
    graced = attrs.evolve(GOLD, rights=[*GOLD.rights, mail], grace=Grace(days=9, rights=["mail"]))
    short = attrs.evolve(better, end=date(2026, 3, 1), months=None)
    catalog = attrs.evolve(DEFAULTS, plans=[BASIC, graced, attrs.evolve(GOLD, id="premier")])
    assert line_of(ask(signed(DEFAULT_LINE), short, catalog=catalog)) == "0"
    assert line_of(ask(signed(DEFAULT_LINE), short, at="2026-03-01T10:00Z", catalog=catalog)) == "1"


def test_assets_that_could_not_be_loaded_may_be_covered_by_the_better_plan() -> None:
    racks = attrs.evolve(LINE, coverage=Coverage(level="asset_group", ids=["racks"]))
    account = Account(
        customer="acme",
        contracts=[signed(DEFAULT_LINE, racks)],
        unknown={"assets": "timed out"},
    )
    asked = attrs.evolve(REQUEST, asset="SN-7")
    at = utc("2026-03-02T10:00Z")
    assert reasons(decide(asked, DEFAULTS, account, at)) == (Reason.FACTS_MISSING,)
    assert line_of(decide(REQUEST, DEFAULTS, account, at)) == "0", "no asset, so nothing is unknown"


def test_a_plan_is_suspended_by_known_plans_and_not_by_itself() -> None:
    with pytest.raises(UnknownIdError) as unknown:
        attrs.evolve(CATALOG, plans=[BASIC, GOLD])
    assert unknown.value.path == "plans[0].suspended_by"
    with pytest.raises(InvalidValueError, match="suspends itself") as circle:
        attrs.evolve(BASIC, suspended_by=["basic"])
    assert circle.value.path == "suspended_by"
