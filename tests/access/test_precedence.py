"""Which comes first: one criterion at a time, then contract, line and rank."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, LINE, MONDAY, PLAN, REQUEST, Case

from entitlements.access import AccountDecider, Denied, Granted
from entitlements.access.precedence import NO_TARGET
from entitlements.access.promise import Entitlement
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    ContractLine,
    Coverage,
    Grace,
    OpenCase,
    Precedence,
)
from entitlements.kernel.instants import END_OF_TIME, HOUR
from entitlements.kernel.requests import Request

FAST = attrs.evolve(PLAN, id="fast")
PAID = attrs.evolve(PLAN, id="paid", charge="time_and_materials")
COUNTED = attrs.evolve(
    PLAN,
    id="counted",
    allowances=[Allowance(id="cases", unit="incidents", amount=5)],
    rights=[AccessRight(id="experts", group="dba", allowance="cases")],
)


def chosen(precedence: list[str], *lines: dict[str, Any], **asked: Any) -> str:
    """Return the contract chosen among those with these lines, `A` first."""
    contracts = [
        attrs.evolve(
            CONTRACT,
            id="ABC"[n],
            lines=[ContractLine(**{"id": "1", "plan": "gold", **line})],
        )
        for n, line in enumerate(lines)
    ]
    catalog = attrs.evolve(CATALOG, plans=[PLAN, FAST, PAID, COUNTED], precedence=precedence)
    terms = AccountDecider(Account(customer="acme", contracts=contracts), catalog, Soon())
    answer = terms.decide(attrs.evolve(REQUEST, **asked), MONDAY)
    assert isinstance(answer, Granted)
    return answer.entitlement.contract


class Soon:
    """The plan `fast` promises a first response an hour from now, all others in two."""

    def due(self, promise: Entitlement, request: Request, at: int) -> int:
        assert request.severity == "S1"
        return at + (1 if promise.plan == "fast" else 2) * HOUR

    def moves(self, promise: Entitlement, request: Request, at: int) -> tuple[bool, int]:  # noqa: ARG002 - the protocol
        return True, END_OF_TIME

    def hours(self, promise: Entitlement, request: Request) -> None:
        """No hours decide."""

    def key(self, promise: Entitlement, request: Request) -> str:  # noqa: ARG002 - the protocol
        return promise.plan


NARROW = {"coverage": Coverage(level="product", ids=["db"])}


@pytest.mark.parametrize(
    ("precedence", "lines", "expected"),
    [
        pytest.param([], [{}, {}], "A", id="the id decides last"),
        pytest.param(["most_specific"], [{}, NARROW], "B", id="the narrower"),
        pytest.param(["best_response"], [{}, {"plan": "fast"}], "B", id="the faster"),
        pytest.param(["cheapest_use"], [{"plan": "paid"}, {"plan": "counted"}], "B", id="prepaid"),
        pytest.param(["cheapest_use"], [{"plan": "counted"}, {}], "B", id="included"),
        pytest.param(
            ["most_specific", "best_response"], [NARROW, {"plan": "fast"}], "A", id="the first"
        ),
        pytest.param(
            ["best_response", "most_specific"], [NARROW, {"plan": "fast"}], "B", id="of the two"
        ),
        pytest.param(
            ["best_response", "most_specific"],
            [{"plan": "fast"}, {"plan": "fast", **NARROW}, {}],
            "B",
            id="the narrower of those that are equally fast",
        ),
    ],
)
def test_the_declared_order_decides(
    precedence: list[str], lines: list[dict[str, Any]], expected: str
) -> None:
    assert chosen(precedence, *lines) == expected


def test_what_ends_soonest_is_used_first() -> None:
    contracts = [
        attrs.evolve(CONTRACT, id="A"),
        attrs.evolve(CONTRACT, id="B", months=4),
        attrs.evolve(CONTRACT, id="D", months=None),
    ]
    catalog = attrs.evolve(CATALOG, precedence=[Precedence.FIRST_TO_EXPIRE])
    account = Account(customer="acme", contracts=contracts)
    answer = AccountDecider(account, catalog).decide(REQUEST, MONDAY)
    assert [each.contract for each in answer.candidates] == ["B", "A", "D"]


def test_the_contract_insisted_on_comes_first() -> None:
    assert chosen(["explicit"], {}, {}, contract="B") == "B"


def test_without_targets_all_plans_are_alike() -> None:
    answer = Case().decision
    assert isinstance(answer, Granted)
    other = attrs.evolve(answer.entitlement, plan="fast")
    for each in (answer.entitlement, other):
        assert NO_TARGET.due(each, REQUEST, 0) == 0
        assert NO_TARGET.key(each, REQUEST) is None


def test_what_is_in_grace_ends_sooner_than_what_is_in_force() -> None:
    plan = attrs.evolve(PLAN, grace=Grace(days=40))
    catalog = attrs.evolve(CATALOG, plans=[plan], precedence=[Precedence.FIRST_TO_EXPIRE])
    contracts = [attrs.evolve(CONTRACT, id="A"), attrs.evolve(CONTRACT, id="B", months=2)]
    answer = AccountDecider(Account(customer="acme", contracts=contracts), catalog).decide(
        REQUEST, MONDAY
    )
    assert [each.contract for each in answer.candidates] == ["B", "A"]


def test_what_costs_less_now_comes_first() -> None:
    over = attrs.evolve(
        COUNTED,
        id="over",
        allowances=[
            Allowance(id="cases", unit="incidents", amount=0, over_use="allow_with_consent")
        ],
    )
    catalog = attrs.evolve(CATALOG, plans=[COUNTED, over], precedence=[Precedence.CHEAPEST_USE])
    contracts = [
        attrs.evolve(CONTRACT, id=id, lines=[ContractLine(id="1", plan=plan)])
        for id, plan in (("A", "over"), ("B", "counted"))
    ]
    answer = AccountDecider(Account(customer="acme", contracts=contracts), catalog).decide(
        REQUEST, MONDAY
    )
    assert isinstance(answer, Granted)
    assert (answer.entitlement.contract, answer.charge.kind) == ("B", "prepaid")
    assert [each.contract for each in answer.candidates] == ["B", "A"]


def test_a_plan_without_rights_comes_last_where_the_cheapest_comes_first() -> None:
    bare = attrs.evolve(PLAN, id="bare", rights=[])
    paid = attrs.evolve(PAID, channels=["web"])
    lines = [ContractLine(id="1", plan="bare"), ContractLine(id="2", plan="paid")]
    account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, lines=lines)])

    def why(*precedence: str) -> list[str]:
        catalog = attrs.evolve(CATALOG, plans=[bare, paid], precedence=precedence)
        answer = AccountDecider(account, catalog).decide(REQUEST, MONDAY)
        assert isinstance(answer, Denied)
        return [reason.value for reason in answer.reasons]

    assert why() == ["group_not_in_plan"]
    assert why("cheapest_use") == ["channel_not_in_plan"]


def test_a_free_follow_up_costs_as_little_as_what_is_included() -> None:
    allowance = Allowance(id="cases", unit="incidents", amount=5, warranty=timedelta(days=30))
    counted = attrs.evolve(COUNTED, allowances=[allowance])
    case = OpenCase(
        id="R-0",
        contract="A",
        line="1",
        product="db",
        opened=MONDAY - timedelta(days=2),
        resolved=MONDAY - timedelta(days=1),
        closed=MONDAY - timedelta(days=1),
    )
    contracts = [
        attrs.evolve(CONTRACT, id=id, lines=[attrs.evolve(LINE, plan=plan)])
        for id, plan in (("A", "counted"), ("B", PLAN.id))
    ]
    catalog = attrs.evolve(CATALOG, plans=[PLAN, counted], precedence=["cheapest_use"])
    account = Account(customer="acme", contracts=contracts, cases=[case])
    decider = AccountDecider(account, catalog)
    new = decider.decide(REQUEST, MONDAY)
    follow_up = decider.decide(attrs.evolve(REQUEST, follows="R-0"), MONDAY)
    assert isinstance(new, Granted)
    assert isinstance(follow_up, Granted)
    assert (new.entitlement.contract, follow_up.entitlement.contract) == ("B", "A")
