"""What a decision carries: the promise, obligations, the ledger command, advisories."""

from datetime import date, timedelta

import attrs
import pytest
from tests.access.small import (
    CONTRACT,
    MONDAY,
    PLAN,
    REQUEST,
    Case,
    with_contract,
    with_plan,
    with_product,
    with_right,
)

from entitlements.access import (
    Advisory,
    AdvisoryKind,
    Charge,
    ChargeKind,
    Denied,
    Granted,
    Obligation,
    ObligationKind,
    Reason,
)
from entitlements.access.promise import reserve_command
from entitlements.contracts import Constraint, Grace, LifeCycle, Unit
from entitlements.kernel.instants import utc


def granted(case: Case) -> Granted:
    """Return the answer, which has to be a grant."""
    answer = case.decision
    assert isinstance(answer, Granted)
    return answer


def test_a_grant_is_matched_by_what_was_promised() -> None:
    match Case().decision:
        case Granted(entitlement=promise, group=group, immediate=now):
            assert (promise.contract, promise.line, promise.right) == ("C", "1", "experts")
            assert (promise.plan, promise.plan_version, promise.policy) == ("gold", "1", "gold")
            assert (group, now) == ("dba", True)
        case other:
            pytest.fail(repr(other))


def test_a_decision_knows_what_it_was_about() -> None:
    answer = granted(Case())
    assert (answer.request, answer.at) == (REQUEST, MONDAY)
    assert answer.valid_until == utc("2026-03-02T17:00Z")
    assert answer.provenance.at == MONDAY
    assert answer.provenance.zone_data


def test_decisions_are_equal_if_they_say_the_same_about_the_same() -> None:
    assert Case().decision == Case().decision
    assert Case(at=MONDAY + timedelta(seconds=1)).decision != Case().decision


def test_obligations_of_a_contract_are_part_of_the_decision() -> None:
    demands = [
        Constraint(kind="residency", values=["eu", "ch"]),
        Constraint(kind="clearance", values=["secret"]),
    ]
    case = attrs.evolve(
        with_contract(constraints=demands),
        request=attrs.evolve(REQUEST, conditions=["reachable"]),
    )
    assert granted(case).obligations == (
        Obligation(kind=ObligationKind.RESIDENCY, values=("ch", "eu")),
        Obligation(kind=ObligationKind.CLEARANCE, values=("secret",)),
        Obligation(kind=ObligationKind.CONDITION, values=("reachable",)),
    )


def test_nothing_is_posted_where_nothing_is_counted() -> None:
    assert granted(Case()).commands == ()
    charge = Charge(
        kind=ChargeKind.PREPAID, allowance="cases", pool="p", unit=Unit.INCIDENTS, amount=2
    )
    (command,) = reserve_command(charge, REQUEST)
    assert (command.key, command.amount, command.pools, command.consent) == ("R", 2, ("p",), False)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(Case(), [], id="nothing soon"),
        pytest.param(
            with_contract(months=3, start=date(2026, 1, 1)),
            [Advisory(kind=AdvisoryKind.EXPIRES_SOON, at=utc("2026-04-01T00:00Z"))],
            id="a term that ends",
        ),
        pytest.param(
            attrs.evolve(with_plan(grace=Grace(days=30)), account=with_contract(months=2).account),
            [Advisory(kind=AdvisoryKind.IN_GRACE, at=utc("2026-03-31T00:00Z"))],
            id="a term that has ended",
        ),
        pytest.param(
            with_product(life_cycle=LifeCycle(end_of_support=date(2026, 4, 30))),
            [Advisory(kind=AdvisoryKind.SUPPORT_ENDS_SOON, at=utc("2026-05-01T00:00Z"))],
            id="a product that ends",
        ),
    ],
)
def test_advisories_announce_coming_changes(case: Case, expected: list[Advisory]) -> None:
    at = utc("2026-03-16T10:00Z") if "EXPIRES" in repr(expected) else case.at
    assert list(granted(attrs.evolve(case, at=at)).warnings) == expected


def test_a_denial_needs_a_reason() -> None:
    answer = with_right(severities=["S2"]).decision
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.SEVERITY_NOT_IN_RIGHT,)
    with pytest.raises(ValueError, match="reasons"):
        attrs.evolve(answer, reasons=())
    assert PLAN.id == CONTRACT.lines[0].plan
