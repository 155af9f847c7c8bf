"""Checking promise cases: the answer beside what was expected, with the difference in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.engine.assessment import Assessment
from entitlements.engine.engine import Engine
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import text_of
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.periods.durations import format_duration
from entitlements.sla.case_history.events import opening_event
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import measure
from entitlements.sla.readings.reading import Reading
from entitlements.testing.promises.cases import (
    NONE,
    ExpectedAnswer,
    Outcome,
    PromiseCase,
    PromiseFile,
)

_LEFT_OUT: Final = ("Route:", "Decided from")


@final
@attrs.frozen
class PromiseResult(NoTruthValue):
    """One case with its answer.

    Attributes:
        case: The case.
        answer: The answer; None if the engine raised an error.
        differences: Everything in which the answer differs, as sentences; empty if it holds.
    """

    case: PromiseCase
    answer: Assessment | None
    differences: tuple[str, ...]

    @property
    def suite(self) -> str:
        """The document of the case."""
        return self.case.file

    @property
    def name(self) -> str:
        """What the case is about."""
        return self.case.name

    @property
    def line(self) -> int:
        """The line on which the case begins."""
        return self.case.line

    @property
    def holds(self) -> bool:
        """Whether the answer is as expected."""
        return not self.differences

    @property
    def unanswered(self) -> bool:
        """Whether the engine raised an error."""
        return self.answer is None

    @property
    def skipped(self) -> str:
        """Nothing: every promise is asked."""
        return ""

    def explain(self) -> str:
        """Return the place, the differences, and the answer with its reasons."""
        head = f"{self.case.place}: {self.case.name}"
        if self.holds:
            return f"{head}: holds"
        lines = [head, *(f"  {each}" for each in self.differences)]
        if self.answer is not None:
            explained = self.answer.explain().splitlines()
            lines += [f"  | {line}" for line in explained if not line.startswith(_LEFT_OUT)]
        return "\n".join(lines)


def check_promises(file: PromiseFile) -> tuple[PromiseResult, ...]:
    """Return every case of a file with its answer, in order.

    >>> from entitlements.testing.promises import parse_promises
    >>> file = parse_promises('''
    ... given: {}
    ... at: 2026-03-02T09:00Z
    ... ask: {customer: acme, contact: dana, product: db, channel: phone}
    ... promises:
    ...   - name: strangers get nothing
    ...     expect: {decision: denied, reasons: [customer_unknown]}
    ... ''')
    >>> [each.holds for each in check_promises(file)]
    [True]
    """
    engine = Engine(file.facts)
    return tuple(check_promise(case, engine) for case in file.cases)


def check_promise(case: PromiseCase, engine: Engine) -> PromiseResult:
    """Return one case with the answer of an engine.

    >>> from entitlements.engine import Engine
    >>> from entitlements.testing.promises import parse_promises
    >>> file = parse_promises('''
    ... given: {}
    ... at: 2026-03-02T09:00Z
    ... ask: {customer: acme, contact: dana, product: db, channel: phone}
    ... promises:
    ...   - name: strangers get nothing
    ...     expect: {decision: denied, reasons: [customer_unknown]}
    ... ''')
    >>> check_promise(file.cases[0], Engine(file.facts)).differences
    ()
    """
    try:
        answer = engine.assess(case.request, case.at)
        readings = answer.milestones
        if case.events and not isinstance(answer.decision, Denied):
            policy = engine.policy(answer.decision.entitlement)
            history = History([opening_event(case.request, case.at), *case.events])
            readings = tuple(measure(policy, history, case.events[-1].at))
        return PromiseResult(case, answer, differences(case.expected, answer, readings))
    except EntitlementsError as error:
        return PromiseResult(case, None, (f"the question cannot be answered: {error}",))


def outcome_of(decision: Decision) -> Outcome:
    """Return the outcome of a decision."""
    match decision:
        case Granted():
            return Outcome.GRANTED
        case Deferred():
            return Outcome.DEFERRED
        case Denied():
            return Outcome.DENIED


def differences(
    expected: ExpectedAnswer, answer: Assessment, readings: Iterable[Reading]
) -> tuple[str, ...]:
    """Return everything in which an answer differs from what was expected, as sentences.

    Args:
        expected: What was expected.
        answer: The answer.
        readings: The milestones, at the opening or after the events of the case.
    """
    outcome = outcome_of(answer.decision)
    if outcome is not expected.decision:
        return (f"decision: expected {expected.decision}, but it is {_decision_text(answer)}",)
    found = {each.name: each for each in readings}
    return (*_differences(expected, answer), *_reading_differences(expected, found))


def _decision_text(answer: Assessment) -> str:
    match answer.decision:
        case Granted(group=group):
            return f"granted: {group} is reached"
        case Deferred(group=group, opens_at=opens):
            return f"deferred: {group} opens at {text_of(opens)}"
        case Denied(reasons=reasons):
            return f"denied: {', '.join(reasons)}"


def _differences(expected: ExpectedAnswer, answer: Assessment) -> Iterator[str]:
    decision = answer.decision
    if isinstance(decision, Denied):
        if expected.reasons and expected.reasons != frozenset(decision.reasons):
            yield _named("reasons", ", ".join(sorted(expected.reasons)), _reasons_text(decision))
        return
    promised = decision.entitlement
    pairs = {
        "group": (expected.group, decision.group),
        "contract": (expected.contract, promised.contract),
        "plan": (expected.plan, promised.plan),
        "right": (expected.right, promised.right or NONE),
        "agent": (expected.agent, answer.agent or NONE),
        "charge": (expected.charge, decision.charge.kind),
    }
    for name, (wanted, found) in pairs.items():
        if wanted is not None and wanted != found:
            yield _named(name, wanted, found)
    if isinstance(decision, Deferred) and expected.opens_at is not None:
        yield from _moved("opens_at", expected.opens_at, decision.opens_at)


def _reasons_text(decision: Denied) -> str:
    return ", ".join(sorted(decision.reasons))


def _reading_differences(
    expected: ExpectedAnswer, readings: Mapping[str, Reading]
) -> Iterator[str]:
    for key, names in (("due", expected.due), ("state", expected.state)):
        for name in names:
            if name not in readings:
                yield f"{key}.{name}: the answer has no milestone `{name}`"
    for name, at in expected.due.items():
        if name in readings:
            yield from _moved(f"due.{name}", at, readings[name].due)
    for name, state in expected.state.items():
        if name in readings and readings[name].state is not state:
            yield _named(f"state.{name}", state, readings[name].state)


def _moved(name: str, wanted: datetime | None, found: datetime | None) -> Iterator[str]:
    if wanted == found:
        return
    how = ""
    if wanted is not None and found is not None:
        direction = "later" if found > wanted else "earlier"
        how = f", {format_duration(abs(found - wanted))} {direction}"
    yield _named(name, _instant_text(wanted), _instant_text(found)) + how


def _instant_text(at: datetime | None) -> str:
    return NONE if at is None else text_of(at)


def _named(name: str, wanted: str, found: str) -> str:
    return f"{name}: expected {wanted}, but it is {found}"
