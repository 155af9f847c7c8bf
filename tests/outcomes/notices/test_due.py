from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.aftersales import NoticeClause, NoticePeriod, NoticeRegister
from entitlements.contracts import (
    Account,
    Allowance,
    Amendment,
    Cancellation,
    Catalog,
    Contract,
    ContractLine,
    Coverage,
    LifeCycle,
    Plan,
    Product,
    ProductVersion,
    ServiceProduct,
)
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.records.changes import NonRenewalNotice
from entitlements.engine import Facts
from entitlements.kernel import InvalidValueError, UnknownIdError, utc
from entitlements.outcomes import due_notices, needed_notices
from entitlements.sla import SlaPolicy, Target

NOW = utc("2026-06-15T12:00Z")
POLICY = SlaPolicy(
    id="sla", targets=[Target(milestone="first_response", within=timedelta(hours=4))]
)
PLANS = [
    Plan(
        id=id,
        policy="sla",
        severities=["S1"],
        channels=["web"],
        rights=[],
        service="care",
        allowances=[Allowance(id="time", unit="minutes", amount=600)],
    )
    for id in ("gold", "silver")
]
CYCLE = LifeCycle(
    general_availability=date(2026, 7, 1),
    end_of_sale=date(2026, 12, 31),
    end_of_support=date(2027, 6, 30),
    end_of_life=date(2028, 6, 30),
)


def contract(customer: str = "acme", **fields: Any) -> Contract:
    covered = fields.pop("coverage", Coverage(level="product", ids=["db"]))  # type: ignore[arg-type]
    return Contract(
        **{
            "id": f"C-{customer}",
            "customer": customer,
            "zone": "Europe/Berlin",
            "start": date(2026, 1, 1),
            "months": 12,
            "lines": [ContractLine(id="1", plan="gold", coverage=covered)],
        }
        | fields
    )


def facts(
    *accounts: Account, cycle: LifeCycle = CYCLE, clauses: Iterable[Any] = (), **fields: Any
) -> Facts:
    products = [
        Product(
            id="db",
            life_cycle=cycle,
            versions=[ProductVersion(id="14", end_of_support=date(2026, 11, 12))],
        ),
        Product(id="web", life_cycle=cycle),
    ]
    stated: dict[str, Any] = {
        "plans": PLANS,
        "products": products,
        "services": [ServiceProduct(id="care")],
    } | fields
    return Facts(
        catalog=Catalog(**stated), policies=[POLICY], accounts=accounts, notice_clauses=clauses
    )


def held(*contracts: Contract, **fields: Any) -> Account:
    return Account(customer=contracts[0].customer, contracts=contracts, **fields)


def clause(kind: str, **fields: Any) -> NoticeClause:
    stated = {"period": NoticePeriod(months=6), "clause": "9"} | fields
    return NoticeClause(kind=kind, **stated)  # type: ignore[arg-type]


def needed(found: Facts, *clauses: NoticeClause, at: datetime = NOW) -> list[tuple[Any, ...]]:
    notices, broken = needed_notices(attrs.evolve(found, notice_clauses=clauses), at)
    assert broken == {}
    return [(each.customer, each.subject, each.effective, each.send_by) for each in notices]


def test_who_has_to_know_of_the_phases_of_a_product() -> None:
    found = facts(
        held(contract("acme", months=None)),
        held(contract("globex")),
        held(contract("initech", coverage=Coverage(level="product", ids=["web"]))),  # type: ignore[arg-type]
    )
    assert needed(found, clause("end_of_support")) == [
        ("acme", "db 14", date(2026, 11, 12), date(2026, 5, 12)),
        ("globex", "db 14", date(2026, 11, 12), date(2026, 5, 12)),
        # In force now is enough; half a year from 31 December is 30 June, which has no 31st.
        ("acme", "db", date(2027, 6, 30), date(2026, 12, 31)),
        ("globex", "db", date(2027, 6, 30), date(2026, 12, 31)),
        ("initech", "web", date(2027, 6, 30), date(2026, 12, 31)),
    ]
    over = utc("2027-01-01T00:00Z")
    assert {row[0] for row in needed(found, clause("end_of_support"), at=over)} == {"acme"}
    launch = clause("launch", period=NoticePeriod(days=10))
    assert needed(found, launch)[0] == ("acme", "db", date(2026, 7, 1), date(2026, 6, 20))
    assert [row[0] for row in needed(found, clause("end_of_sale"))] == ["acme", "globex", "initech"]
    assert [row[1] for row in needed(found, clause("end_of_life"))] == ["db", "db", "web"]
    service = ServiceProduct(id="care", life_cycle=LifeCycle(end_of_support=date(2026, 9, 30)))
    by_service = facts(held(contract()), services=[service], products=[Product(id="db")])
    assert needed(by_service, clause("end_of_support")) == [
        ("acme", "care", date(2026, 9, 30), date(2026, 3, 31))
    ]


@pytest.mark.parametrize(
    ("fields", "changes", "kind", "subject"),
    [
        pytest.param({}, [], "expiry", date(2026, 12, 31), id="a term ends"),
        pytest.param({}, [], "renewal", None, id="and does not go on"),
        pytest.param({"months": None}, [], "expiry", None, id="an open end"),
        pytest.param(
            {"renewal": RenewalTerms(months=12, notice_months=3)},
            [],
            "renewal",
            date(2026, 12, 31),
            id="a tacit renewal",
        ),
        pytest.param(
            {"renewal": RenewalTerms(months=12)}, [], "expiry", None, id="which is no expiry"
        ),
        pytest.param(
            {"renewal": RenewalTerms(months=12)},
            [NonRenewalNotice(id="N", contract="C-acme", given=date(2026, 6, 1))],
            "renewal",
            None,
            id="notice was given",
        ),
        pytest.param(
            {"months": None},
            [Cancellation(id="X", contract="C-acme", effective=utc("2026-09-30T22:00Z"))],
            "expiry",
            date(2026, 9, 30),
            id="it is cancelled in the zone of the contract",
        ),
        pytest.param({"start": date(2024, 1, 1)}, [], "expiry", None, id="it is over"),
    ],
)
def test_ends_and_renewals(
    fields: dict[str, Any], changes: list[Any], kind: str, subject: date | None
) -> None:
    found = needed(facts(held(contract(**fields), changes=changes)), clause(kind))
    assert [row[2] for row in found] == ([] if subject is None else [subject])


def test_a_renewal_names_the_latest_day_of_notice() -> None:
    tacit = contract(renewal=RenewalTerms(months=12, notice_months=1))
    (notice,), _ = needed_notices(facts(held(tacit), clauses=[clause("renewal")]), NOW)
    assert notice.because == (
        "contract `C-acme` goes on after 2026-12-31 unless notice is given by 2026-11-30",
    )


def test_a_change_of_plan_is_notified_before_its_first_day() -> None:
    change = Amendment(
        id="A",
        contract="C-acme",
        effective=date(2026, 10, 1),
        lines=[ContractLine(id="1", plan="silver")],
    )
    found = facts(held(contract(), changes=[change]))
    period = NoticePeriod(days=90)
    assert needed(found, clause("plan_change", period=period)) == [
        ("acme", "C-acme", date(2026, 10, 1), date(2026, 7, 2))
    ]
    later = utc("2026-09-30T22:00Z")
    assert needed(found, clause("plan_change", period=period), at=later) == []


def test_a_low_balance_is_notified_once_until_more_is_granted() -> None:
    def low(below: int) -> NoticeClause:
        return NoticeClause(kind="low_balance", unit="minutes", below=below)  # type: ignore[arg-type]

    found = facts(held(contract()))
    assert needed(found, low(600)) == []
    assert [row[1] for row in needed(found, low(601))] == ["minutes"]
    today, _ = needed_notices(attrs.evolve(found, notice_clauses=[low(601)]), NOW)
    more = attrs.evolve(found, notice_clauses=[low(900)])
    later, _ = needed_notices(more, NOW + timedelta(days=9))
    assert today[0].id == later[0].id
    assert today[0].effective == date(2026, 12, 31)
    few, register = attrs.evolve(found, notice_clauses=[low(601)]), NoticeRegister()
    assert due_notices(few, register, NOW) == today
    assert due_notices(few, register.with_sent(today, NOW), NOW + timedelta(days=9)) == ()


# The oracle walks the days: sent on each day on which it is due, a notice goes out once, not before
# `ahead` and, if it was not late from the start, not after its latest day.
@given(st.integers(0, 400), st.integers(1, 120), st.integers(0, 60), st.lists(st.integers(1, 90)))
def test_each_notice_is_sent_once_and_in_time(
    end: int, period: int, ahead: int, waits: list[int]
) -> None:
    last = NOW.date() + timedelta(days=end)
    mine = clause("expiry", period=NoticePeriod(days=period))
    open_ended = contract(months=None, start=date(2026, 1, 1), end=last)
    found = facts(held(open_ended), clauses=[mine])
    register, sent = NoticeRegister(), []
    day = 0
    for wait in [0, *[1] * 20, *waits]:
        day += wait
        at = NOW + timedelta(days=day)
        due = due_notices(found, register, at, ahead=timedelta(days=ahead))
        register = register.with_sent(due, at)
        sent += [(at.date(), each) for each in due]
    expected = last - timedelta(days=period)
    days = [(NOW + timedelta(days=n)).date() for n in _days(waits)]
    ready = [each for each in days if expected - timedelta(days=ahead) <= each <= last]
    assert [(on, each.send_by) for on, each in sent] == [(on, expected) for on in ready[:1]]


def _days(waits: Iterable[int]) -> list[int]:
    found = [0]
    for wait in [*[1] * 20, *waits]:
        found.append(found[-1] + wait)
    return found


def test_a_day_that_moves_is_notified_again_and_the_first_clause_holds() -> None:
    account = held(contract(months=None))
    clauses = [clause("end_of_support"), clause("end_of_support", period=NoticePeriod(months=18))]
    register, known = NoticeRegister(), facts(account, clauses=clauses)
    first = due_notices(known, register, NOW)
    assert [(each.subject, each.send_by) for each in first] == [
        ("db 14", date(2025, 5, 12)),
        ("db", date(2025, 12, 31)),
    ]
    register = register.with_sent(first, NOW)
    assert due_notices(known, register, NOW) == ()
    moved = attrs.evolve(CYCLE, end_of_support=date(2027, 9, 30))
    again = due_notices(facts(account, cycle=moved, clauses=clauses), register, NOW)
    assert [each.effective for each in again] == [date(2027, 9, 30)]


def test_only_the_plans_of_a_clause_and_bad_questions() -> None:
    found = facts(held(contract()))
    assert needed(found, clause("expiry", plans=["silver"])) == []
    with pytest.raises(InvalidValueError, match="is negative"):
        due_notices(found, NoticeRegister(), NOW, ahead=-timedelta(1))
    with pytest.raises(InvalidValueError, match="is not a notice clause"):
        facts(clauses=["9"])
    with pytest.raises(UnknownIdError, match=r"clauses\[0\].plans: no plan has the id `tin`"):
        facts(clauses=[clause("expiry", plans=["tin"])])
    assert needed_notices(found, NOW) == ((), {})
