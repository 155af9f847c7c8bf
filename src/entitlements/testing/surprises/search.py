"""Search for surprises: each contract line with its questions, where answers may change.

Of each kind, one surprise is reported for a plan: the first one, with the severities of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias, final

import attrs

from entitlements.access.decision import Denied, Granted
from entitlements.access.reasons import Reason
from entitlements.contracts.plans import Plan
from entitlements.engine.assessment import Assessment
from entitlements.engine.engine import Engine
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.requests import Request
from entitlements.routing.answers.answers import Assigned, Unroutable, Waiting
from entitlements.sla.milestones import Milestone
from entitlements.testing.surprises.questions import AskedLine, asked_lines, instants
from entitlements.testing.surprises.surprise import Surprise, SurpriseKind

LENGTH: Final = timedelta(days=365)
MAX_INSTANTS: Final = 120
"""How many instants of the period are tried for each request, unless the caller says otherwise."""

_FIRST: Final = Milestone.FIRST_RESPONSE.value
_OUT_OF_TERM: Final = frozenset(
    {
        Reason.CONTRACT_PENDING,
        Reason.CONTRACT_EXPIRED,
        Reason.CONTRACT_CANCELLED,
        Reason.CONTRACT_SUPERSEDED,
        Reason.ACCESS_BLOCKED,
    }
)
Found: TypeAlias = Iterator[Surprise]
Answers: TypeAlias = dict[tuple[str | None, str, str | None], Assessment]
"""The answers of one instant, by severity, channel and kind."""


def find_surprises(
    facts: Facts,
    start: datetime | str,
    *,
    length: timedelta = LENGTH,
    limit: int = MAX_INSTANTS,
) -> tuple[Surprise, ...]:
    """Return the surprises in some facts, at most one of a kind for a plan.

    Args:
        facts: The facts.
        start: The beginning of the period in which questions are asked.
        length: Its length.
        limit: How many instants of it are tried.

    >>> find_surprises(Facts(), "2026-01-01T00:00Z")
    ()

    Raises:
        InvalidValueError: `limit` is not a positive whole number.
    """
    whole_number(limit, "limit", least=1)
    search = _Search(instance_of(Facts, facts))
    tried = instants(facts, utc(start), length, limit)
    for line in asked_lines(facts):
        search.look_at(line, tried)
    return tuple(search.found.values())


@final
class _Search:
    """The surprises so far, by kind and plan."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.engine = Engine(facts)
        self.found: dict[tuple[SurpriseKind, str], Surprise] = {}

    def look_at(self, line: AskedLine, tried: Sequence[datetime]) -> None:
        accepted: set[str | None] = set()
        for at in tried:
            answers = self._answers(line, at)
            accepted |= {key[0] for key, each in answers.items() if _is_accepted(each)}
            for each in answers.values():
                self._add(_about_one_answer(line.plan, each))
            self._add(_out_of_order(line.plan, answers))
        self._add(_never_accepted(line, accepted, tried))
        for better in self._upgrades(line):
            self._add(self._lost_by(line, better, tried))

    def _answers(self, line: AskedLine, at: datetime) -> Answers:
        found: Answers = {}
        for request in line.requests():
            try:
                answer = self.engine.assess(request, at)
            except EntitlementsError:
                continue  # what cannot be answered is a finding of `check`
            found[request.severity, request.channel, request.kind] = answer
        return found

    def _add(self, surprises: Found) -> None:
        for each in surprises:
            key, severity = (each.kind, each.plan), each.request.severity
            known = self.found.setdefault(key, each)
            if severity is not None and severity not in known.severities:
                severities = (*known.severities, severity)
                self.found[key] = attrs.evolve(known, severities=severities)

    def _upgrades(self, line: AskedLine) -> Iterator[AskedLine]:
        """Yield the line with each plan of the same service that has all its severities."""
        for plan in self.facts.catalog.plans:
            same = plan.service is not None and plan.service == line.plan.service
            if same and plan.id != line.plan.id and set(line.plan.severities) <= {*plan.severities}:
                yield attrs.evolve(line, plan=plan)

    def _lost_by(self, line: AskedLine, better: AskedLine, tried: Sequence[datetime]) -> Found:
        """Yield what is lost, if no answer of the other plan is later and one is sooner."""
        engine = self._upgraded(line, better.plan)
        if engine is None:
            return
        lost: list[Surprise] = []
        sooner = False
        for at in tried:
            for request in line.requests():
                try:
                    before, after = self.engine.assess(request, at), engine.assess(request, at)
                except EntitlementsError:
                    return
                old, new = _due(before), _due(after)
                if old is not None and new is not None and new > old:
                    return
                sooner = sooner or (new is not None and (old is None or new < old))
                if _is_accepted(before) and isinstance(after.decision, Denied):
                    why = ", ".join(after.decision.reasons)
                    says = f"granted under {line.plan.id}, and denied under {better.plan.id}: {why}"
                    kind = SurpriseKind.LOST_BY_UPGRADE
                    lost.append(Surprise(kind, better.plan.id, request, at, says))
        if sooner:
            yield from lost

    def _upgraded(self, line: AskedLine, plan: Plan) -> Engine | None:
        """Return an engine in which the line has another plan; None if that is not possible."""
        changed = attrs.evolve(line.line, plan=plan.id, plan_version=plan.version)
        lines = [changed if each is line.line else each for each in line.contract.lines]
        contract = attrs.evolve(line.contract, lines=lines)
        contracts = [contract if c is line.contract else c for c in line.account.contracts]
        try:
            account = attrs.evolve(line.account, contracts=contracts)
            others = [each for each in self.facts.accounts.values() if each is not line.account]
            return Engine(attrs.evolve(self.facts, accounts=[*others, account]))
        except EntitlementsError:
            return None


def _is_accepted(answer: Assessment) -> bool:
    return not isinstance(answer.decision, Denied)


def _due(answer: Assessment) -> datetime | None:
    """Return when the first response is due; None if nothing is promised."""
    return next((each.due for each in answer.milestones if each.name == _FIRST), None)


def _about_one_answer(plan: Plan, answer: Assessment) -> Found:
    request, at = answer.request, answer.at
    if isinstance(answer.decision, Denied):
        inside = not _OUT_OF_TERM & {*answer.decision.reasons}
        if inside and request.severity not in plan.may_not_open and not answer.decision.remedies:
            why = ", ".join(answer.decision.reasons)
            says = f"denied without a way out: {why}"
            yield Surprise(SurpriseKind.NO_WAY_OUT, plan.id, request, at, says)
        return
    yield from _no_agent_there(plan, answer)


def _no_agent_there(plan: Plan, answer: Assessment) -> Found:
    request, at, route = answer.request, answer.at, answer.route
    if route is None or isinstance(route, Assigned):
        return
    decision = answer.decision
    if isinstance(decision, Granted) and decision.immediate:
        # The request of a question has no id that a reader could know.
        why = _first_clause(route.explain()).replace(f"`{request.id}`", request.id)
        says = f"{decision.group} is reached at once, and no agent is there: {why}"
        yield Surprise(SurpriseKind.NO_AGENT_AT_ONCE, plan.id, request, at, says)
    due = _due(answer)
    there = route.next_eligible_at if isinstance(route, Waiting) else None
    if due is not None and (isinstance(route, Unroutable) or there is None or there > due):
        when = "never" if there is None else f"at {text_of(there)}"
        says = f"the first response is due at {text_of(due)}, and an agent is there {when}"
        yield Surprise(SurpriseKind.TOO_LATE_FOR_ANY_AGENT, plan.id, request, at, says)


def _first_clause(text: str) -> str:
    return text.partition(";")[0]


def _out_of_order(
    plan: Plan, answers: Mapping[tuple[str | None, str, str | None], Assessment]
) -> Found:
    """Yield the cases that are due later than less severe ones, asked in the same way."""
    for (severity, channel, kind), answer in answers.items():
        if severity is None or not _is_accepted(answer):
            continue
        worse = plan.severities.index(severity)
        for less in plan.severities[worse + 1 :]:
            other = answers.get((less, channel, kind))
            if other is not None and _is_accepted(other):
                yield from _later(plan, answer, other, less)


def _later(plan: Plan, answer: Assessment, other: Assessment, less: str) -> Found:
    sooner = {each.name: each.due for each in other.milestones}
    for each in answer.milestones:
        due, than = each.due, sooner.get(each.name)
        if than is None or (due is not None and due <= than):
            continue
        when = "never" if due is None else f"at {text_of(due)}"
        says = (
            f"severity {answer.request.severity} has its {each.name.replace('_', ' ')} due {when}, "
            f"severity {less} at {text_of(than)}"
        )
        kind = SurpriseKind.LATER_THAN_LESS_SEVERE
        yield Surprise(kind, plan.id, answer.request, answer.at, says)


def _never_accepted(line: AskedLine, accepted: set[str | None], tried: Sequence[datetime]) -> Found:
    if not accepted or not tried:
        return  # the line is in force at none of the instants
    reported: set[str | None] = set()
    for request in line.requests():
        severity = request.severity
        if severity in accepted or severity in line.plan.may_not_open or severity in reported:
            continue
        reported.add(severity)
        says = f"severity {severity} is accepted at none of {len(tried)} instants, by no channel"
        yield _never(line.plan, request, tried[0], says)


def _never(plan: Plan, request: Request, at: datetime, says: str) -> Surprise:
    return Surprise(SurpriseKind.NEVER_ACCEPTED, plan.id, request, at, says)
