"""Explanation of a case: what was decided, where its milestones are, and who has the work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.access.decision import Denied
from entitlements.engine.explanation.explanation import (
    Audience,
    ExplainedAssessment,
    ExplanationLine,
)
from entitlements.engine.explanation.for_agents import (
    considered_text,
    decision_lines_for_agents,
    milestone_line,
    route_text,
    trace_lines,
)
from entitlements.engine.explanation.for_customers import decision_lines, milestone_lines
from entitlements.engine.explanation.wording import Wording
from entitlements.kernel.requests import Request
from entitlements.routing.agents.workload import AssignedWork
from entitlements.routing.answers.answers import Route
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.selections import AgentSelection, RunnerUp
from entitlements.routing.offers.work_state import OfferRefusal, WorkState
from entitlements.sla.readings.reading import Reading

_WITH_AN_AGENT = frozenset({WorkStatus.ACCEPTED, WorkStatus.IN_WORK, WorkStatus.PAUSED})
_WAITS = frozenset({WorkStatus.QUEUED, WorkStatus.OFFERED, WorkStatus.PARKED})
_BEHIND: Final = {
    "demoted": "agent.behind.demoted",
    "preferred": "agent.behind.preferred",
    "sample": "agent.behind.sample",
}
"""Why an agent was not the first before any key of the strategy was compared."""


@final
@attrs.frozen(kw_only=True)
class AdoptedCase:
    """How a case was taken over that was opened elsewhere.

    Attributes:
        request: The request.
        at: When it was taken over.
        opened: When it was opened.
        events: How many events came with it.
        contract: Id of the contract.
        line: Id of the contract line.
        by: Id of the person or program that took it over, or None.
        origin: Where it was opened; may be empty.
    """

    request: Request
    at: datetime
    opened: datetime
    events: int
    contract: str
    line: str
    by: str | None = None
    origin: str = ""


@final
@attrs.frozen(kw_only=True)
class ExplainedCase:
    """A case, as far as its explanation needs it.

    Attributes:
        answer: The decision about its request, or how the case was taken over.
        at: The instant of the explanation.
        readings: The milestones then; none for a denied request.
        state: Offers, assignee and refusals of its work; None if there is none.
        assigned: Since when its agent has the work, and by which override; None if no agent has it.
        selection: Why its agent, or the agent to whom it is offered, got it, as it was recorded.
        route: Who could take waiting work at the instant, and why no other.
    """

    answer: ExplainedAssessment | AdoptedCase
    at: datetime
    readings: tuple[Reading, ...] = ()
    state: WorkState | None = None
    assigned: AssignedWork | None = None
    selection: AgentSelection | None = None
    route: Route | None = None

    @property
    def opened(self) -> datetime:
        """When the case was opened, or the request denied."""
        return self.answer.opened if isinstance(self.answer, AdoptedCase) else self.answer.at


def lines_before(
    case: ExplainedCase, audience: Audience, wording: Wording
) -> Iterator[ExplanationLine]:
    """Yield what can be said at an instant before the case was opened: that it was not."""
    answer, is_customer = case.answer, audience is Audience.CUSTOMER
    if not isinstance(answer, AdoptedCase) and isinstance(answer.decision, Denied):
        key = "customer.not_asked_yet" if is_customer else "agent.not_asked_yet"
    else:
        key = "customer.not_open_yet" if is_customer else "agent.not_open_yet"
    yield wording.line(key, at=wording.instant(case.at), opened=wording.instant(case.opened))


def case_lines_for_customers(case: ExplainedCase, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines for the customer who asked."""
    if isinstance(case.answer, AdoptedCase):
        opened, product = wording.instant(case.answer.opened), case.answer.request.product
        yield wording.line("customer.adopted", product=product, opened=opened)
    else:
        yield from decision_lines(case.answer, wording)
    for reading in case.readings:
        yield from milestone_lines(reading, wording)
    if case.state is not None and case.state.status in _WITH_AN_AGENT:
        yield wording.line("customer.in_work")
    elif case.state is not None and case.state.status in _WAITS:
        yield wording.line("customer.waits_for_an_expert")


def case_lines_for_agents(case: ExplainedCase, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines for an agent."""
    if isinstance(case.answer, AdoptedCase):
        yield from _adoption_lines(case.answer, wording)
    else:
        yield from decision_lines_for_agents(case.answer, wording)
    for reading in case.readings:
        yield milestone_line(reading, wording)
    if case.state is not None:
        yield from _work_lines(case.state, case.assigned, wording)
    if case.selection is not None:
        yield from _selection_lines(case.selection, wording)
    if case.route is not None:
        at, route = wording.instant(case.at), route_text(case.route, wording)
        yield wording.line("agent.route_then", at=at, route=route)


def case_lines_for_auditors(case: ExplainedCase, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines for an auditor: those for agents, and the times that counted."""
    yield from case_lines_for_agents(case, wording)
    for reading in case.readings:
        yield from trace_lines(reading, wording)


def _adoption_lines(adopted: AdoptedCase, wording: Wording) -> Iterator[ExplanationLine]:
    yield wording.line(
        "agent.adopted",
        product=adopted.request.product,
        customer=adopted.request.customer,
        at=wording.instant(adopted.at),
        opened=wording.instant(adopted.opened),
        contract=adopted.contract,
        line=adopted.line,
        count=adopted.events,
    )
    if adopted.origin:
        yield wording.line("agent.adopted_from", 1, origin=adopted.origin)
    if adopted.by is not None:
        yield wording.line("agent.adopted_by", 1, by=adopted.by)


def _work_lines(
    state: WorkState, assigned: AssignedWork | None, wording: Wording
) -> Iterator[ExplanationLine]:
    status = state.status.replace("_", " ")
    if state.assignee is None:
        yield wording.line("agent.work", status=status)
    elif assigned is None:
        yield wording.line("agent.work_by", status=status, agent=state.assignee)
    else:
        since = wording.instant(assigned.since)
        yield wording.line("agent.work_since", status=status, agent=state.assignee, since=since)
    for each in state.leases:
        at, until = wording.instant(each.offered_at), wording.instant(each.until)
        yield wording.line("agent.offered", 1, agent=each.agent, at=at, until=until)
    for refusal in state.refusals:
        yield _refusal_line(refusal, wording)


def _selection_lines(selection: AgentSelection, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield why an agent got the work, from what was recorded when it was offered."""
    agent, at = selection.agent, wording.instant(selection.at)
    if not selection.routed:
        yield wording.line("agent.named", 1, agent=agent, at=at)
    else:
        how = "agent.preferred_of" if selection.preferred else "agent.selected_of"
        strategy = selection.strategy.replace("_", " ")
        considered = "; ".join(considered_text(each, wording) for each in selection.considered)
        text = wording.say(how, agent=agent, at=at, strategy=strategy, count=selection.agents)
        key = "agent.selection" if considered else "agent.selection_of_many"
        if not considered:
            considered = _runner_up_text(selection.runner_up, wording)
        yield wording.line(key, 1, selection=text, considered=considered)
    if selection.override is not None:
        by, reason = selection.override.by, selection.override.reason
        yield wording.line("agent.overridden", 1, by=by, reason=reason)


def _runner_up_text(found: RunnerUp | None, wording: Wording) -> str:
    """Return why no other agent of a large group got the work."""
    if found is None:
        return wording.say("agent.no_other")
    if not found.chosen and found.key in _BEHIND:
        return wording.say(_BEHIND[found.key], other=found.agent)
    key = found.key.replace("_", " ")
    return wording.say(
        "agent.came_second", other=found.agent, ranking=key, chosen=found.chosen, rank=found.other
    )


def _refusal_line(refusal: OfferRefusal, wording: Wording) -> ExplanationLine:
    at, agent = wording.instant(refusal.at), refusal.agent
    if refusal.expired:
        return wording.line("agent.no_response", 1, agent=agent, at=at)
    if not refusal.reason:
        return wording.line("agent.declined", 1, agent=agent, at=at)
    return wording.line("agent.declined_because", 1, agent=agent, at=at, reason=refusal.reason)
