"""Questions of the corpus to a desk: the request is admitted, and the events are recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from entitlements.access.decision import Deferred, Granted
from entitlements.kernel.requests import Request
from entitlements.routing.roster import Roster
from entitlements.service.commands.commands import (
    AdmitRequest,
    AssignCase,
    CancelCase,
    DeskCommand,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
)
from entitlements.service.desk import Desk
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.testing.conformance.answers import BY_MILESTONE, Question, answer_data


def ask_desk(desk: Desk, question: Question, *, roster: Roster | None = None) -> dict[str, Any]:
    """Return the answer of a desk, which opens a case in its store and offers its work.

    A case changes what later questions are answered (units are held, contacts have open cases), so
    roll the store back after each question, or ask each of a tenant of its own.

    Args:
        desk: The desk.
        question: The question.
        roster: Agents as the facts have them, perhaps with work. A desk assigns work itself, so
            the store has them by `entitlements.loading.rosters.without_work`; for each piece of
            work a case like that of the question is admitted first, and assigned to the agent.

    Raises what `Desk.execute` raises.
    """
    request, at, events = question
    if roster is not None:
        _assign_held_work(desk, request, roster)
    reply = desk.execute(AdmitRequest(id="admit", request=request), at)
    decision = desk.explain(request.id)
    found = answer_data(decision, None)
    if not reply.accepted:
        return found
    if isinstance(decision.decision, Granted):
        found["agent"] = _offered(desk, request.id, at)
    for number, event in enumerate(events):
        desk.execute(_command(f"event-{number}", request.id, event), event.at)
    last = events[-1].at if events else at
    measured = answer_data(decision, desk.clocks(request.id, last))
    found |= {key: measured[key] for key in BY_MILESTONE}
    if isinstance(decision.decision, Deferred):
        opens = max(decision.decision.opens_at, last)
        desk.process_due(opens)  # the work is queued
        found["agent"] = _offered(desk, request.id, opens)
    return found


def _assign_held_work(desk: Desk, request: Request, roster: Roster) -> None:
    for agent, workload in roster.workloads.items():
        for id, held in workload.held.items():
            asked = attrs.evolve(request, id=id, skills={})
            desk.execute(AdmitRequest(id=f"admit-{id}", request=asked), held.since)
            desk.execute(AssignCase(id=f"assign-{id}", case=id, agent=agent), held.since)


def _offered(desk: Desk, case: str, at: datetime) -> str | None:
    """Offer the work of a case, and return the agent who is selected; None if no agent can."""
    reply = desk.execute(OfferCase(id="offer", case=case), at)
    return next(iter(reply.fences), None)


def _command(id: str, case: str, event: Event) -> DeskCommand:
    match event.kind:
        case EventKind.RESOLVED:
            return ResolveCase(id=id, case=case)
        case EventKind.REOPENED:
            return ReopenCase(id=id, case=case)
        case EventKind.CANCELLED:
            return CancelCase(id=id, case=case)
        case _:
            return RecordEvent(id=id, case=case, event=event)
