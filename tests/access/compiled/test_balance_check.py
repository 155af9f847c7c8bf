"""What a request costs: prepaid, overage, nothing inside the warranty, or refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST, Case, with_account

from entitlements.access import (
    OVERAGE_CONSENT,
    AdvisoryKind,
    ChargeKind,
    Denied,
    Granted,
    ObligationKind,
    Reason,
)
from entitlements.access.decider import AccountDecider
from entitlements.contracts import (
    Allowance,
    Cycle,
    Grant,
    Issue,
    OpenCase,
    Posted,
    ledger_with_plan_grants,
)
from entitlements.contracts.allowances.allowance import ConsumptionMoment
from entitlements.contracts.ledger.entries import Commit, GiveBack, Reserve, Void
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import key
from entitlements.kernel.requests import Request

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def prepaid(request: Request = REQUEST, ledger: Ledger | None = None, **said: Any) -> Case:
    """Return a case under a plan with an allowance of two."""
    cases, opened = said.pop("cases", []), said.pop("at", MONDAY)
    allowance = Allowance(**{"id": "cases", "unit": "incidents", "amount": 2, **said})
    right = attrs.evolve(PLAN.rights[0], allowance="cases", hours=None)
    plan = attrs.evolve(PLAN, rights=[right], allowances=[allowance])
    account = with_account(cases=cases, ledger=ledger or Ledger()).account
    catalog = attrs.evolve(CATALOG, plans=[plan])
    return Case(catalog=catalog, account=account, request=request, at=opened)


def done(id: str, resolved: datetime | None, **said: Any) -> OpenCase:
    """Return a case of line 1 about `db`, opened a day before it was resolved."""
    plain: dict[str, Any] = {"contract": "C", "line": "1", "product": "db", "resolved": resolved}
    opened = {} if resolved is None else {"opened": resolved - DAY, "closed": resolved}
    return OpenCase(**{"id": id, **plain, **opened, **said})


def after(case: Case, **changed: object) -> Ledger:
    """Return the ledger once the commands of a grant are posted, with these fields changed."""
    answer = case.decision
    assert isinstance(answer, Granted)
    assert case.account is not None
    terms = AccountDecider(case.account, case.catalog)
    ledger = ledger_with_plan_grants(case.account.ledger, terms.histories, case.at + DAY)
    for command in answer.commands:
        outcome = ledger.post(attrs.evolve(command, **changed), case.at)
        assert isinstance(outcome, Posted)
        ledger = outcome.ledger
    return ledger


def test_an_allowance_pays_while_it_lasts_and_says_when_it_is_low() -> None:
    first = prepaid().decision
    assert isinstance(first, Granted)
    assert (first.charge.kind, first.charge.amount) == (ChargeKind.PREPAID, 1)
    assert first.warnings == ()
    ledger = after(prepaid())
    second = prepaid(attrs.evolve(REQUEST, id="R2"), ledger)
    answer = second.decision
    assert isinstance(answer, Granted)
    assert [(each.kind, each.left) for each in answer.warnings] == [(AdvisoryKind.BALANCE_LOW, 1)]
    third = prepaid(attrs.evolve(REQUEST, id="R3"), after(second)).decision
    assert isinstance(third, Denied)
    assert third.reasons == (Reason.ALLOWANCE_SPENT,)


def test_a_request_that_holds_its_units_is_charged_once() -> None:
    ledger = after(prepaid(amount=1))
    again = prepaid(ledger=ledger, amount=1).decision
    assert isinstance(again, Granted)
    assert isinstance(ledger.post(again.commands[0], MONDAY + DAY), Posted)


@pytest.mark.parametrize(
    ("said", "agreed", "needed"),
    [
        pytest.param({"over_use": "allow_with_consent"}, False, True, id="to be asked"),
        pytest.param({"over_use": "allow_with_consent"}, True, False, id="asked"),
        pytest.param({"over_use": "cap", "cap": 1}, True, False, id="below the cap"),
    ],
)
def test_overage_is_admitted_with_consent(
    said: dict[str, Any], *, agreed: bool, needed: bool
) -> None:
    request = attrs.evolve(REQUEST, conditions=[OVERAGE_CONSENT] if agreed else [])
    answer = prepaid(request, amount=0, **said).decision
    assert isinstance(answer, Granted)
    assert (answer.charge.kind, answer.charge.consent_needed) == (ChargeKind.OVERAGE, needed)
    kinds = [each.kind for each in answer.obligations]
    assert kinds == ([ObligationKind.CONSENT] if needed else [])


def test_past_the_cap_it_is_refused() -> None:
    assert isinstance(prepaid(amount=0, over_use="cap", cap=0).decision, Denied)


def test_an_allowance_for_other_requests_is_not_drawn_on() -> None:
    for said in ({"severities": ["S2"]}, {"groups": ["desk"]}):
        answer = prepaid(amount=0, **said).decision
        assert isinstance(answer, Granted)
        assert answer.charge.kind is ChargeKind.INCLUDED


@pytest.mark.parametrize("moment", ConsumptionMoment)
def test_a_charge_says_when_the_units_are_taken_for_good(moment: ConsumptionMoment) -> None:
    answer = prepaid(consumption=moment).decision
    assert isinstance(answer, Granted)
    assert answer.charge.consumption is moment


@pytest.mark.parametrize(
    ("since", "line", "free"),
    [
        pytest.param(timedelta(), "1", True, id="at the resolution"),
        pytest.param(7 * DAY - TICK, "1", True, id="the last instant of the warranty"),
        pytest.param(7 * DAY, "1", False, id="the first after"),
        pytest.param(-TICK, "1", False, id="before the resolution"),
        pytest.param(DAY, "2", False, id="of another line"),
    ],
)
def test_a_follow_up_inside_the_warranty_is_free(
    since: timedelta, line: str, *, free: bool
) -> None:
    resolved = done("K", MONDAY, line=line)
    request = attrs.evolve(REQUEST, follows="K")
    case = prepaid(request, amount=0, warranty=7 * DAY, cases=[resolved], at=MONDAY + since)
    answer = case.decision
    assert isinstance(answer, Granted) is free
    if isinstance(answer, Granted):
        assert (answer.charge.kind, answer.commands) == (ChargeKind.INCLUDED, ())


def test_units_held_elsewhere_do_not_pay_here() -> None:
    grant = Grant(
        id="g", unit="incidents", amount=1, effective=MONDAY - DAY, pool=pool_id("D", "1", "cases")
    )
    hold = Reserve(key="R", unit="incidents", amount=1, pools=(pool_id("D", "1", "cases"),))
    ledger = Ledger().post(Issue(grant=grant), MONDAY - DAY).ledger
    outcome = ledger.post(hold, MONDAY)
    assert isinstance(outcome, Posted)
    assert isinstance(prepaid(ledger=outcome.ledger, amount=0).decision, Denied)


def test_designated_experts_have_their_hours_and_then_the_general_group_takes_over() -> None:
    hours = Allowance(
        id="hours", unit="minutes", amount=90, cost=60, recurrence=Cycle("month"), over_use="refuse"
    )
    right = attrs.evolve(PLAN.rights[0], allowance="hours", hours=None, experts=["ada", "bob"])
    plan = attrs.evolve(PLAN, rights=[right], allowances=[hours], general_group="desk")
    case = Case(catalog=attrs.evolve(CATALOG, plans=[plan]))
    first = case.decision
    assert isinstance(first, Granted)
    assert (first.group, first.entitlement.experts) == ("dba", ("ada", "bob"))
    assert case.account is not None
    used = attrs.evolve(case.account, ledger=after(case))
    second = attrs.evolve(case, account=used, request=attrs.evolve(REQUEST, id="R2")).decision
    assert isinstance(second, Granted)
    assert (second.group, second.immediate, second.entitlement.experts) == ("desk", False, ())
    assert second.commands == ()
    next_month = attrs.evolve(
        case, account=used, request=attrs.evolve(REQUEST, id="R3"), at=MONDAY + 30 * DAY
    ).decision
    assert isinstance(next_month, Granted)
    assert next_month.group == "dba"


def test_a_warranty_beyond_all_time_is_one() -> None:
    case = done("K", MONDAY - DAY)
    request = attrs.evolve(REQUEST, follows="K")
    answer = prepaid(request, cases=[case], amount=0, warranty=timedelta.max).decision
    assert isinstance(answer, Granted)
    assert answer.charge.kind is ChargeKind.INCLUDED
    assert answer.valid_until is None or answer.valid_until > MONDAY


def test_more_overage_than_can_be_counted_is_refused() -> None:
    most = 2**63 - 1
    first = prepaid(amount=0, over_use="allow_with_consent", cost=most)
    ledger = after(attrs.evolve(first, request=attrs.evolve(REQUEST, conditions=[OVERAGE_CONSENT])))
    again = attrs.evolve(REQUEST, id="R2", conditions=[OVERAGE_CONSENT])
    second = prepaid(again, ledger, amount=0, over_use="allow_with_consent", cost=most).decision
    assert isinstance(second, Denied)
    assert second.reasons == (Reason.ALLOWANCE_SPENT,)


def test_grants_beyond_all_counting_are_one_for_each_cycle() -> None:
    month = Cycle("month")
    answer = prepaid(amount=2**63 - 1, recurrence=month).decision
    assert isinstance(answer, Granted)
    assert answer.charge.kind is ChargeKind.PREPAID


def test_a_request_named_like_a_grant_of_the_plan_closes_no_account() -> None:
    month = Cycle("month")
    grant = after(prepaid(recurrence=month)).grants[-1]
    with pytest.raises(InvalidValueError, match="for keys only"):
        attrs.evolve(REQUEST, id=grant.id)
    reserve = Reserve(key=key("issue", grant.id), unit="incidents", amount=1)
    ledger = Ledger().post(reserve, MONDAY).ledger
    answer = prepaid(attrs.evolve(REQUEST, id="R9"), ledger, recurrence=month).decision
    assert isinstance(answer, Granted)


def test_a_request_is_admitted_from_the_very_instant_at_which_a_grant_begins() -> None:
    month = Cycle("month")
    ledger = after(prepaid(amount=1, recurrence=month))
    april = datetime(2026, 4, 1, tzinfo=UTC)
    again = attrs.evolve(REQUEST, id="R2")
    early = prepaid(again, ledger, amount=1, recurrence=month, at=april - TICK)
    assert isinstance(early.decision, Denied)
    assert early.decision.reasons == (Reason.ALLOWANCE_SPENT,)
    first = prepaid(again, ledger, amount=1, recurrence=month, at=april)
    assert isinstance(first.decision, Granted)
    assert first.decision.charge.kind is ChargeKind.PREPAID
    stored = after(first).entries[-1]
    assert (stored.key, stored.at, stored.refusal) == ("R2", april, None)


@pytest.mark.parametrize("start", [date(2, 1, 1), date(1000, 2, 28), date(2026, 2, 28)])
def test_a_weekly_allowance_is_decided_however_old_the_contract_is(start: date) -> None:
    weekly = prepaid(recurrence=Cycle("week"), aligned="calendar")
    contract = attrs.evolve(CONTRACT, start=start, months=None, end=None)
    account = attrs.evolve(weekly.account, contracts=[contract])
    answer = attrs.evolve(weekly, account=account).decision
    assert isinstance(answer, Granted)
    assert answer.charge.kind is ChargeKind.PREPAID
    assert answer.warnings == ()


@pytest.mark.parametrize("start", [date(2, 1, 1), date(1834, 1, 1), date(2016, 2, 29)])
def test_beside_an_allowance_of_the_term_a_weekly_one_is_decided_however_old_it_is(
    start: date,
) -> None:
    """The grant of the term began with it, and the weeks since then are not derived for it."""
    weekly = prepaid(recurrence=Cycle("week"))
    hours = Allowance(id="hours", unit="minutes", amount=60)
    others = Allowance(
        id="others",
        unit="incidents",
        amount=1,
        recurrence=Cycle("year"),
        lifetime=Cycle("year", 900),
    )
    (plan,) = weekly.catalog.plans
    plan = attrs.evolve(plan, allowances=[*plan.allowances, hours, others])
    contract = attrs.evolve(CONTRACT, start=start, months=None, end=None)
    account = attrs.evolve(weekly.account, contracts=[contract])
    catalog = attrs.evolve(weekly.catalog, plans=[plan])
    decider = AccountDecider(account, catalog)
    answer = decider.decide(REQUEST, MONDAY)
    assert isinstance(answer, Granted)
    assert answer.charge.kind is ChargeKind.PREPAID
    assert answer.warnings == ()
    (line,) = decider.histories
    stocked = ledger_with_plan_grants(Ledger(), [line], MONDAY + DAY, since=MONDAY)
    years = min(MONDAY.year - start.year, 900)
    assert len(stocked.grants) <= 2 * years + 6


def pool_grant(amount: int = 1, **said: Any) -> Ledger:
    """Return a ledger in which this was given by hand."""
    plain = {"id": "g", "unit": "incidents", "effective": MONDAY - DAY, "amount": amount}
    grant = Grant(**{**plain, "pool": POOL, **said})
    return Ledger().post(Issue(grant=grant), MONDAY - DAY).ledger


def held(amount: int = 1, **said: Any) -> Ledger:
    """Return a ledger of five units in which request `R` holds some, the rest being taken."""
    hold = Reserve(**{"key": "R", "unit": "incidents", "amount": amount, "pools": (POOL,), **said})
    rest = Reserve(key="others", unit="incidents", amount=5 - amount, pools=(POOL,))
    ledger = pool_grant(5).post(hold, MONDAY).ledger
    return ledger.post(rest, MONDAY).ledger


POOL = pool_id("C", "1", "cases")
VOID = Void(key="v", hold="R")
USED = Commit(key="c", hold="R")


@pytest.mark.parametrize(
    ("ledger", "cost", "covered"),
    [
        pytest.param(held(), 1, True, id="alive"),
        pytest.param(held(2), 1, True, id="more than enough"),
        pytest.param(held(), 2, False, id="too few units"),
        pytest.param(held(2), 2, True, id="just enough"),
        pytest.param(held().post(VOID, MONDAY).ledger, 1, False, id="voided"),
        pytest.param(held().post(VOID, MONDAY + 2 * DAY).ledger, 1, False, id="voided later"),
        pytest.param(held().post(USED, MONDAY).ledger, 1, True, id="used"),
        pytest.param(
            held(2).post(attrs.evolve(USED, amount=1), MONDAY).ledger, 2, False, id="less"
        ),
        pytest.param(
            held().post(USED, MONDAY).ledger.post(GiveBack(key="b", commit="c"), MONDAY).ledger,
            1,
            False,
            id="given back",
        ),
        pytest.param(held(duration=DAY + TICK), 1, True, id="not ended"),
        pytest.param(held(duration=DAY), 1, False, id="ended at that instant"),
        pytest.param(held(pools=()), 1, False, id="of any pool"),
    ],
)
def test_only_a_live_hold_of_enough_units_covers_a_request_made_again(
    ledger: Ledger, cost: int, *, covered: bool
) -> None:
    others = Reserve(key="rest", unit="incidents", amount=1, pools=(POOL,))
    left = ledger.available("incidents", MONDAY + DAY, (POOL,))
    if left:
        ledger = ledger.post(attrs.evolve(others, amount=left), MONDAY + DAY).ledger
    case = prepaid(ledger=ledger, amount=0, cost=cost, at=MONDAY + DAY)
    answer = case.decision
    assert isinstance(answer, Granted) is covered
    if isinstance(answer, Denied):
        assert answer.reasons == (Reason.ALLOWANCE_SPENT,)


def test_a_hold_of_another_unit_covers_nothing() -> None:
    ledger = pool_grant(5, unit="minutes")
    hold = Reserve(key="R", unit="minutes", amount=5, pools=(POOL,))
    assert isinstance(prepaid(ledger=ledger.post(hold, MONDAY).ledger, amount=0).decision, Denied)


def test_a_request_whose_id_is_used_up_needs_another_one() -> None:
    ledger = held().post(VOID, MONDAY).ledger
    answer = prepaid(ledger=ledger, amount=0).decision
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.ID_USED,)
    other = prepaid(attrs.evolve(REQUEST, id="R2"), ledger, amount=0).decision
    assert isinstance(other, Granted)
    assert isinstance(ledger.post(other.commands[0], MONDAY), Posted)


def test_overage_that_is_held_needs_no_further_consent() -> None:
    ledger = pool_grant(0, over_use="allow_with_consent")
    hold = Reserve(key="R", unit="incidents", amount=1, pools=(POOL,), consent=True)
    answer = prepaid(ledger=ledger.post(hold, MONDAY).ledger, amount=0).decision
    assert isinstance(answer, Granted)
    assert (answer.charge.kind, answer.charge.consent_needed) == (ChargeKind.OVERAGE, False)


def test_a_hold_of_which_a_part_is_overage_is_overage() -> None:
    more = Grant(
        id="more",
        unit="incidents",
        amount=0,
        effective=MONDAY - DAY,
        pool=POOL,
        over_use="allow_with_consent",
    )
    ledger = pool_grant(1).post(Issue(grant=more), MONDAY - DAY).ledger
    hold = Reserve(key="R", unit="incidents", amount=2, pools=(POOL,), consent=True)
    held_in_part = ledger.post(hold, MONDAY).ledger
    assert [share.overage for share in held_in_part.entries[-1].shares] == [0, 1]
    answer = prepaid(ledger=held_in_part, amount=0, cost=2).decision
    assert isinstance(answer, Granted)
    assert (answer.charge.kind, answer.charge.consent_needed) == (ChargeKind.OVERAGE, False)


def test_a_cap_needs_no_consent_and_what_is_beyond_it_may() -> None:
    capped = prepaid(amount=0, over_use="cap", cap=1).decision
    assert isinstance(capped, Granted)
    assert (capped.charge.kind, capped.charge.consent_needed) == (ChargeKind.OVERAGE, False)
    assert capped.obligations == ()
    assert not capped.commands[0].consent
    asked = pool_grant(0, over_use="allow_with_consent", priority=9)
    full = after(prepaid(ledger=asked, amount=0, over_use="cap", cap=1))
    beyond = prepaid(attrs.evolve(REQUEST, id="R2"), full, amount=0, over_use="cap", cap=1).decision
    assert isinstance(beyond, Granted)
    assert beyond.charge.consent_needed
