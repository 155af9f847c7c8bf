"""Outcome of a decision as canonical JSON text, for the record, the reply and the message.

It holds what follows from the decision: the result, the promise and the deadlines. What explains
it (other candidates, remedies, warnings, how long it holds) follows from the same facts, and
`Desk.explain` computes it when somebody asks.
"""

from __future__ import annotations

from typing import Any

from entitlements.access.decision import Deferred, Denied
from entitlements.access.promise import Promise
from entitlements.engine.assessment import Assessment
from entitlements.kernel.data.digests import plain_data, plain_json
from entitlements.kernel.instants import text_of


def outcome_text(answer: Assessment) -> str:
    """Return the outcome of an assessment as canonical JSON text.

    The agent is no part of it: who takes the work depends on the roster and is decided when the
    work is offered.

    >>> from entitlements.engine import Engine, Facts
    >>> from entitlements.kernel import Request, utc
    >>> request = Request(
    ...     id="R-1", customer="acme", contact="dana", product="db", severity="S1", channel="phone"
    ... )
    >>> outcome_text(Engine(Facts()).assess(request, utc("2026-03-02T09:00Z")))
    '{"outcome":"denied","reasons":["customer_unknown"]}'
    """
    return plain_json(_outcome_data(answer))


def _outcome_data(answer: Assessment) -> dict[str, Any]:
    decision = answer.decision
    if isinstance(decision, Denied):
        return {"outcome": "denied", "reasons": [each.value for each in decision.reasons]}
    found = _promise_data(decision.promise)
    if isinstance(decision, Deferred):
        found["outcome"], found["opens_at"] = "deferred", text_of(decision.opens_at)
    else:
        found["outcome"] = "granted"
    deadlines = answer.deadlines
    if deadlines is not None:
        found["due"] = {
            name: text_of(due)
            for name, due in zip(deadlines.names, deadlines.due_instants, strict=True)
            if due is not None
        }
    return found


def _promise_data(promise: Promise) -> dict[str, Any]:
    return {
        "charge": plain_data(promise.charge),
        "entitlement": plain_data(promise.entitlement),
        "group": promise.group,
        "immediate": promise.immediate,
        "obligations": plain_data(promise.obligations),
    }
