"""Answers of this library to questions of the corpus, as data.

An answer has the key `decision`. A denial has `reasons` and nothing else; every other answer has
`group`, `contract`, `plan`, `right`, `agent` and `charge`, and by milestone `due`, `state` and the
number of `cycles`; a deferral also has `opens_at`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from entitlements.access.decision import Deferred, Denied
from entitlements.documents import parse_facts
from entitlements.engine.assessment import Assessment
from entitlements.engine.engine import Engine
from entitlements.engine.facts import Facts
from entitlements.kernel.data.schema import located
from entitlements.kernel.errors import DocumentError, EntitlementsError, InvalidValueError
from entitlements.kernel.instants import from_micros_or_none, text_of, utc
from entitlements.kernel.requests import Request
from entitlements.sla.case_history.events import Event, opening_event
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import Measurement, measure
from entitlements.testing.conformance.corpus import VERSION, Data
from entitlements.testing.promises.check import outcome_of

KEYS: Final = ("corpus", "document", "questions")
BY_MILESTONE: Final = ("due", "state", "cycles")
"""The parts of an answer that are objects with a key for each milestone."""


class Question(NamedTuple):
    """One question: a request, when it is asked, and what happens to the case afterwards."""

    request: Request
    at: datetime
    events: tuple[Event, ...] = ()


def answer_questions(data: Data) -> dict[str, Any]:
    """Return the answers of this library to questions about one document.

    Args:
        data: An object with the keys `corpus` (the version), `document` and `questions`; each
            question has `request`, `at`, and perhaps `events`.

    Returns:
        An object with the key `answers`, in the order of the questions, or with `error` if the
        whole cannot be read. An answer that cannot be given is an object with `error`.

    >>> answer_questions({"corpus": 1, "document": {"products": ["db"]}, "questions": [
    ...     {"at": "2026-03-02T09:00Z", "request": {
    ...         "id": "R-1", "customer": "acme", "contact": "dana", "product": "db",
    ...         "channel": "phone"}}]})
    {'answers': [{'decision': 'denied', 'reasons': ['customer_unknown']}]}
    """
    try:
        engine = Engine(facts_in(data))
    except EntitlementsError as error:
        return {"error": str(error)}
    return {"answers": answer_each(data, lambda question: _answer(engine, question))}


def facts_in(data: Any) -> Facts:
    """Return the facts of the document of questions.

    Raises:
        InvalidValueError: The questions are of another version of the corpus, or have no document.
        DocumentError: The document has problems.
    """
    if not isinstance(data, Mapping) or not set(KEYS) <= set(data):
        raise InvalidValueError(f"questions are an object with the keys {', '.join(KEYS)}")
    if data["corpus"] != VERSION:
        raise InvalidValueError(
            f"the questions are of version `{data['corpus']}` of the corpus",
            hint=f"this library answers version {VERSION}",
            path="corpus",
        )
    if not isinstance(data["questions"], list):
        raise InvalidValueError("`questions` is not a list", path="questions")
    try:
        return parse_facts(json.dumps(data["document"]), name="document", format="json")
    except (TypeError, ValueError) as error:
        if isinstance(error, EntitlementsError):
            raise
        raise DocumentError([f"document: {error}"]) from None


def answer_each(data: Data, answer: Callable[[Question], Data]) -> list[Data]:
    """Return the answer to each question, or what is wrong with it."""
    found: list[Data] = []
    for number, each in enumerate(data["questions"]):
        try:
            found.append(answer(_question(each)))
        except InvalidValueError as error:
            found.append({"error": str(located(error, f"questions[{number}]"))})
        except EntitlementsError as error:
            found.append({"error": str(error)})
    return found


def _question(data: Any) -> Question:
    try:
        events = [Event(**each) for each in data.get("events", ())]
        return Question(Request(**data["request"]), utc(data["at"]), tuple(events))
    except (AttributeError, KeyError, TypeError) as error:
        raise InvalidValueError(f"this is not a question: {error}") from None


def _answer(engine: Engine, question: Question) -> dict[str, Any]:
    request, at, events = question
    answer = engine.assess(request, at)
    if not events or isinstance(answer.decision, Denied):
        return answer_data(answer, None)
    policy = engine.policy(answer.decision.entitlement)
    history = History([opening_event(request, at), *events])
    return answer_data(answer, measure(policy, history, events[-1].at))


def answer_data(answer: Assessment, measured: Measurement | None) -> dict[str, Any]:
    """Return an assessment as an answer of the corpus.

    Args:
        answer: The assessment.
        measured: The milestones after what has happened to the case; None at the opening.
    """
    decision = answer.decision
    found: dict[str, Any] = {"decision": outcome_of(decision).value}
    if isinstance(decision, Denied):
        return {**found, "reasons": [each.value for each in decision.reasons]}
    if isinstance(decision, Deferred):
        found["opens_at"] = text_of(decision.opens_at)
    readings = answer.milestones if measured is None else tuple(measured)
    due = {each.name: each.due for each in readings}
    if measured is None and answer.deadlines is not None:
        due = {name: from_micros_or_none(answer.deadlines.due(name)) for name in due}
    return {
        **found,
        "group": decision.group,
        "contract": decision.entitlement.contract,
        "plan": decision.entitlement.plan,
        "right": decision.entitlement.right,
        "due": {name: at and text_of(at) for name, at in due.items()},
        "state": {each.name: each.state.value for each in readings},
        "cycles": {
            each.name: 1 if measured is None else len(measured.cycles(each.name))
            for each in readings
        },
        "agent": answer.agent,
        "charge": decision.charge.kind.value,
    }
