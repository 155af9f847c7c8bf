"""Expected answers of the corpus, by oracles: decision by the guide, clocks by walking, agents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from entitlements.engine.facts import Facts
from entitlements.kernel.instants import text_of
from entitlements.kernel.requests import Request
from entitlements.routing import Requirement, Work
from entitlements.sla import Event, SlaPolicy
from entitlements.sla.options.clock_options import PausedDueDisplay
from entitlements.testing.oracles import routing as routing_oracle
from entitlements.testing.oracles.access import NaiveAccess
from entitlements.testing.oracles.by_the_guide.decision import GuideDecision, decision_by_the_guide
from entitlements.testing.oracles.sla import walk

STEP = timedelta(minutes=15)


def expected_answer(
    facts: Facts,
    request: Request,
    at: datetime,
    events: Sequence[Event] = (),
    measures: Sequence[str] = ("least_loaded", "longest_idle"),
) -> dict[str, Any]:
    """Return the whole answer to a question; `measures` are those of the routing strategy."""
    account = facts.accounts.get(request.customer)
    decision = decision_by_the_guide(request, facts.catalog, account, at)
    _check_by_the_other_oracle(decision, facts, request, at)
    if decision.kind == "denied":
        return {"decision": "denied", "reasons": [each.value for each in decision.reasons]}
    assert decision.line is not None
    assert decision.charge is not None
    contract, line, plan, version, right = decision.line
    policy = _policy(facts, (request.customer, contract, line), plan, version)
    opened = Event.opened(
        at, severity=request.severity, channel=request.channel,
        conditions=request.conditions, request_kind=request.kind,
    )  # fmt: skip
    found: dict[str, Any] = {"decision": decision.kind}
    if decision.opens_at is not None:
        found["opens_at"] = text_of(decision.opens_at)
    who = {"agent": _agent(facts, request, decision, at, measures)}
    return {
        **found,
        **({} if decision.consent_needed else who),  # no work before the customer agrees
        "group": decision.group,
        "contract": contract,
        "plan": plan,
        "right": right,
        **clocks(policy, [opened, *events]),
        "charge": decision.charge.value,
    }


def _check_by_the_other_oracle(
    decision: GuideDecision, facts: Facts, request: Request, at: datetime
) -> None:
    account = facts.accounts.get(request.customer)
    if account is not None:
        other = NaiveAccess(facts.catalog, account).decide(request, at)
        assert other.outcome == decision.kind, (request, other, decision)
        assert other.reasons == set(decision.reasons), (request, other, decision)


def _policy(facts: Facts, place: tuple[str, str, str], plan: str, version: str) -> SlaPolicy:
    customer, contract, line = place
    sold = next(each for each in facts.catalog.plans if (each.id, each.version) == (plan, version))
    contracts = facts.accounts[customer].contracts
    lines = {(each.id, line.id): line for each in contracts for line in each.lines}
    policy = facts.policies[sold.policy]
    bound = {
        name: facts.catalog.calendars[to] for name, to in lines[contract, line].calendars.items()
    }
    return policy.with_calendars(bound) if bound else policy


def clocks(policy: SlaPolicy, events: Sequence[Event]) -> dict[str, dict[str, Any]]:
    """Return when each milestone is due, its state and its cycles, at the last of the events."""
    hidden = policy.options.while_paused is PausedDueDisplay.HIDDEN
    found: dict[str, dict[str, Any]] = {"due": {}, "state": {}, "cycles": {}}
    for name, cycles in walk(policy, events, events[-1].at, step=STEP).items():
        last = cycles[-1]
        is_hidden = last.due is None or (hidden and last.state == "paused")
        found["due"][name] = None if is_hidden or last.due is None else text_of(last.due)
        found["state"][name] = last.state
        found["cycles"][name] = len(cycles)
    return found


def _agent(
    facts: Facts, request: Request, decision: GuideDecision, at: datetime, measures: Sequence[str]
) -> str | None:
    work = Work(
        id=request.id,
        opened=at,
        preferred_agents=[decision.experts] if decision.experts else [],
        requires=Requirement(
            groups=[decision.group or ""],
            skills={**({decision.language: 1} if decision.language else {}), **request.skills},
            channel=request.channel,
        ),
    )
    return routing_oracle.best(work, facts.roster, decision.opens_at or at, measures)
