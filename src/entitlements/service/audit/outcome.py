"""Outcome of a decision as canonical JSON text, for the record, the reply and the message.

It holds what follows from the decision: the result, the promise, the deadlines and the price. What
explains it (other candidates, remedies, warnings, how long it holds) follows from the same facts,
and `Desk.explain` computes it when somebody asks.
"""

from __future__ import annotations

from functools import lru_cache

from entitlements.access.decision import Deferred, Denied
from entitlements.access.promise import Promise
from entitlements.engine.assessment import Assessment
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.instants import text_of
from entitlements.sla.clock.opening_deadlines import OpeningDeadlines


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
    decision = answer.decision
    if isinstance(decision, Denied):
        return f'{{"outcome":"denied","reasons":{plain_text(decision.reasons)}}}'
    charge, promised = _promise_texts(decision.promise)
    if isinstance(decision, Deferred):
        opening = f'"opens_at":"{text_of(decision.opens_at)}","outcome":"deferred"'
    else:
        opening = '"outcome":"granted"'
    price = answer.price
    costs = "" if price is None else f',"price":{plain_text(price)}'
    return f"{{{charge},{_due_text(answer.deadlines)}{promised},{opening}{costs}}}"


def _due_text(deadlines: OpeningDeadlines | None) -> str:
    if deadlines is None:
        return ""
    dues = deadlines.due_instants
    found = [
        f'{label}:"{text_of(due)}"'
        for label, place in _labels(deadlines.names)
        if (due := dues[place]) is not None
    ]
    return f'"due":{{{",".join(found)}}},'


@lru_cache(maxsize=1_024)
def _labels(names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return names as text, in their order as text, each with its place among all."""
    return tuple((plain_text(name), names.index(name)) for name in sorted(names))


@lru_cache(maxsize=8_192)
def _promise_texts(promise: Promise) -> tuple[str, str]:
    """Return the members about the charge, and those about all else: `due` stands in between."""
    texts = (
        f'"entitlement":{plain_text(promise.entitlement)}',
        f'"group":{plain_text(promise.group)}',
        f'"immediate":{plain_text(promise.immediate)}',
        f'"obligations":{plain_text(promise.obligations)}',
    )
    return f'"charge":{plain_text(promise.charge)}', ",".join(texts)
