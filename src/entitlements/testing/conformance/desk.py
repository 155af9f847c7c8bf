"""Questions of the corpus to a desk: the request is admitted, and the events are recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entitlements.access.decision import Deferred, Granted
from entitlements.service.commands import (
    AdmitRequest,
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


def ask_desk(desk: Desk, question: Question) -> dict[str, Any]:
    """Return the answer of a desk, which opens a case in its store and offers its work.

    A case changes what later questions are answered (units are held, contacts have open cases), so
    roll the store back after each question, or ask each of a tenant of its own.

    Raises what `Desk.execute` raises.
    """
    request, at, events = question
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
