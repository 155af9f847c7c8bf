"""Severities that follow from impact and urgency by the priority matrix of a plan."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST
from tests.effort import tries
from tests.engine.answered_worlds import facts_of

from entitlements.access import Denied, Granted, decide
from entitlements.access.decider import AccountDecider
from entitlements.access.remedies.remedy import RemedyKind
from entitlements.contracts import Account, Coverage
from entitlements.engine import Engine, Facts
from entitlements.kernel import Request
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.sla import SlaPolicy, Target
from entitlements.testing.strategies.worlds.access import world
from entitlements.testing.strategies.worlds.dice import Dice

ROWS = {"site": {"now": "S1", "soon": "S2"}, "person": {"now": "S2", "soon": "S2"}}
GOLD = attrs.evolve(PLAN, priority_matrix=ROWS)
ACCOUNT = Account(customer="acme", contracts=[CONTRACT])
STATED = attrs.evolve(REQUEST, severity=None, impact="site", urgency="now")
STEEL = attrs.evolve(GOLD, id="steel", priority_matrix={"site": {"now": "S2"}})


def decided(request: Request, *plans: Any, account: Account = ACCOUNT) -> Any:
    return decide(request, attrs.evolve(CATALOG, plans=plans or [GOLD]), account, MONDAY)


@pytest.mark.parametrize(("impact", "urgency", "severity"), [
    ("site", "now", "S1"), ("site", "soon", "S2"), ("person", "now", "S2"),
])  # fmt: skip
def test_the_severity_follows_from_impact_and_urgency(
    impact: str, urgency: str, severity: str
) -> None:
    asked = attrs.evolve(STATED, impact=impact, urgency=urgency)
    for given_severity in (None, severity):
        found = decided(attrs.evolve(asked, severity=given_severity))
        assert isinstance(found, Granted)
        assert found.request == attrs.evolve(asked, severity=severity)


@pytest.mark.parametrize(("place", "name", "why"), [
    ("severity", "S2", "contradicts impact `site` and urgency `now`, from which `S1` follows"),
    ("impact", "sight", "no impact has the id `sight` .did you mean `site`"),
    ("urgency", "later", "no urgency has the id `later`"),
])  # fmt: skip
def test_what_contradicts_or_is_unknown_is_refused(place: str, name: str, why: str) -> None:
    changes: Any = {place: name}
    with pytest.raises(EntitlementsError, match=why) as refused:
        decided(attrs.evolve(STATED, **changes))
    assert getattr(refused.value, "path", None) == place


def test_a_plan_without_a_matrix_is_no_way_to_a_severity() -> None:
    with pytest.raises(InvalidValueError, match="has a priority matrix"):
        decided(STATED, PLAN)
    nothing = Account(customer="acme")
    for asked in (STATED, attrs.evolve(STATED, customer="other")):
        found = decided(asked, PLAN, account=nothing)
        assert isinstance(found, Denied)
        assert found.request == asked


def test_of_several_plans_the_one_that_covers_the_request_counts() -> None:
    line = attrs.evolve(CONTRACT.lines[0], plan="steel")
    other = attrs.evolve(CONTRACT, id="D", lines=[line])
    both = Account(customer="acme", contracts=[CONTRACT, other])
    with pytest.raises(InvalidValueError, match="mean `S1` under `C`, `S2` under `D`"):
        decided(STATED, GOLD, STEEL, account=both)
    for contract, severity in (("C", "S1"), ("D", "S2")):
        asked = attrs.evolve(STATED, contract=contract)
        assert decided(asked, GOLD, STEEL, account=both).request.severity == severity
    covered = attrs.evolve(line, coverage=Coverage(level="product", ids=["os"]))
    elsewhere = Account(customer="acme", contracts=[CONTRACT, attrs.evolve(other, lines=[covered])])
    assert decided(STATED, GOLD, STEEL, account=elsewhere).request.severity == "S1"


def test_one_of_impact_and_urgency_alone_is_refused() -> None:
    changes: Any
    for changes in ({"impact": None}, {"urgency": None}):
        with pytest.raises(InvalidValueError, match="are stated together"):
            attrs.evolve(STATED, **changes)


def test_a_lower_severity_is_asked_for_without_impact_and_urgency() -> None:
    plan = attrs.evolve(GOLD, may_not_open=["S1"])
    found = decided(STATED, plan)
    assert isinstance(found, Denied)
    (lower,) = (each for each in found.remedies if each.kind is RemedyKind.LOWER_SEVERITY)
    assert lower.ask == attrs.evolve(REQUEST, severity="S2")


def test_the_answer_has_the_targets_of_the_severity_and_says_where_it_comes_from() -> None:
    policy = SlaPolicy(
        id="gold",
        targets=[
            Target(milestone="resolution", within=timedelta(hours=4), severities=["S1"]),
            Target(milestone="resolution", within=timedelta(hours=9), severities=["S2"]),
        ],
    )
    facts = Facts(
        catalog=attrs.evolve(CATALOG, plans=[GOLD]), policies=[policy], accounts=[ACCOUNT]
    )
    answer, plain = (Engine(facts).assess(each, MONDAY) for each in (STATED, REQUEST))
    assert answer.milestones == plain.milestones
    assert answer.deadlines == plain.deadlines
    said = "Severity S1 follows from impact site and urgency now."
    assert said in answer.explain()
    assert "follows from" not in plain.explain()
    for language, words in (
        ("en", "Severity S1 follows from the impact site and the urgency now."),
        (
            "de",
            "Die Einstufung S1 folgt aus der Auswirkung site und daraus, wie sehr es eilt: now.",
        ),
        ("es", "La gravedad S1 resulta del impacto site y de la urgencia now."),
    ):
        assert words in answer.explain(audience="customer", language=language)
    data = answer.to_dict()["request"]
    assert (data["severity"], data["impact"], data["urgency"]) == ("S1", "site", "now")
    assert not {"impact", "urgency"} & plain.to_dict()["request"].keys()
    stranger = Engine(facts).assess(attrs.evolve(STATED, customer="x", severity="S1"), MONDAY)
    assert "follows from" not in stranger.explain()


@given(st.integers(0, 10**9))
@settings(max_examples=tries(6))
def test_the_decision_is_that_about_the_severity_which_follows(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed has to replay it
    drawn = world(random, 3)
    dice = Dice(random)
    decider = AccountDecider(drawn.account, facts_of(dice, drawn).catalog)
    for asked, at in drawn.questions:
        stated = attrs.evolve(asked, severity=None, impact="site", urgency="now")
        try:
            found = decider.decide_at(stated, at)
        except InvalidValueError as error:
            assert error.path in {"impact", "contract"}  # noqa: PT017 - these plans say nothing
            continue
        plain = attrs.evolve(found.request, impact=None, urgency=None)
        direct = decider.decide_at(plain, at)
        assert type(found) is type(direct)
        assert getattr(found, "promise", None) == getattr(direct, "promise", None)
        assert getattr(found, "reasons", None) == getattr(direct, "reasons", None)
        assert found.valid_until == direct.valid_until
