"""Laws of answers, for a user's own facts: what holds for every question that they allow.

`check_facts` asks what each customer can ask under each contract line, where answers change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, time, timedelta
from typing import Final, TypeAlias

from entitlements.access.decider import AccountDecider
from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.engine.assessment import Assessment
from entitlements.engine.engine import Engine
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import MICROSECOND, text_of, utc
from entitlements.kernel.requests import Request
from entitlements.sla.policy import SlaPolicy
from entitlements.testing.laws.checks import check_policy
from entitlements.testing.oracles.by_the_guide.decision import GuideDecision, decision_by_the_guide
from entitlements.testing.surprises import SurpriseKind, find_surprises
from entitlements.testing.surprises.questions import asked_lines, instants

Law: TypeAlias = Callable[[Assessment, Engine], str | None]
"""Takes an answer and another engine with the same facts; returns how it is broken, or None."""
WEEK: Final = timedelta(days=7)
CASES: Final = 5
"""How many cases are drawn for each policy."""
MAX_INSTANTS: Final = 12
"""How many instants `check_facts` tries for each request, unless the caller says otherwise."""


def check_facts(
    facts: Facts,
    start: datetime | str | None = None,
    *,
    length: timedelta = WEEK,
    limit: int = MAX_INSTANTS,
    accepted: Collection[SurpriseKind | str] = (),
) -> None:
    """Check facts of your own: their policies, every answer they give, and for surprises.

    Args:
        facts: The facts.
        start: The beginning of the period in which questions are asked; None for the first day of
            the contract that begins last.
        length: Its length.
        limit: How many instants of it are tried.
        accepted: Kinds of surprises that are intended.

    >>> check_facts(Facts())

    Raises:
        AssertionError: A law is broken, or something is surprising. The message tells the simplest
            question that shows it.
        InvalidValueError: `limit` is not a positive whole number, or a kind is unknown.
    """
    begin = _newest(instance_of(Facts, facts)) if start is None else utc(start)
    known = {enum_member(SurpriseKind, each) for each in accepted}
    whole_number(limit, "limit", least=1)
    tried = instants(facts, begin, length, limit)
    engine = Engine(facts)
    policies: dict[str, SlaPolicy] = {}
    for line in asked_lines(facts):
        other = Engine(facts)
        for request in line.requests():
            for at in tried:
                laws = LAWS if at != tried[0] else (*LAWS, answers_travel)
                decision = _checked_answer((engine, other), request, at, laws).decision
                if not isinstance(decision, Denied):
                    policy = engine.policy(decision.entitlement)
                    policies[policy.fingerprint] = policy
    for policy in policies.values():
        check_policy(policy, examples=CASES)
    for each in find_surprises(facts, begin, length=length, limit=limit):
        if each.kind not in known:
            raise AssertionError(each.explain())


def _newest(facts: Facts) -> datetime:
    days = [each.start for one in facts.accounts.values() for each in one.contracts]
    return datetime.combine(max(days, default=datetime(2026, 1, 1, tzinfo=UTC).date()), time(), UTC)


def _checked_answer(
    engines: tuple[Engine, Engine], request: Request, at: datetime, laws: tuple[Law, ...]
) -> Assessment:
    """Hold one answer to all laws; an error of the engine is the finding."""
    engine, other = engines
    try:
        answer = engine.assess(request, at)
        for law in laws:
            told = law(answer, other)
            if told is not None:
                raise AssertionError(f"{_question(request, at)}: {told}")
    except EntitlementsError as error:
        raise AssertionError(f"{_question(request, at)}: it cannot be answered: {error}") from error
    return answer


def _question(request: Request, at: datetime) -> str:
    names = ("customer", "contact", "contract", "product", "severity", "channel", "kind")
    words = [f"{name} {getattr(request, name)}" for name in names if getattr(request, name)]
    return f"{', '.join(words)}, at {text_of(at)}"


def answers_are_repeated(answer: Assessment, engine: Engine) -> str | None:
    """Another engine with the same facts gives the same answer."""
    again = engine.assess(answer.request, answer.at)
    return None if again == answer else "another engine gives another answer"


def answers_travel(answer: Assessment, _: Engine) -> str | None:
    """An answer is the same after it was written as data and read."""
    read = Assessment.from_dict(answer.to_dict())
    return None if read == answer else "the answer is another one after `to_dict` and `from_dict`"


def answers_hold_until_they_say(answer: Assessment, engine: Engine) -> str | None:
    """A decision is the same up to the instant that it names."""
    until = answer.decision.valid_until
    if until is None or until <= answer.at + MICROSECOND:
        return None
    for at in (answer.at + (until - answer.at) / 2, until - MICROSECOND):
        later = engine.assess(answer.request, at).decision
        if _stated(later) != _stated(answer.decision):
            return f"it holds until {text_of(until)}, but is another decision at {text_of(at)}"
    return None


def milestones_are_due_after_they_begin(answer: Assessment, _: Engine) -> str | None:
    """No milestone is due before it begins, and warnings come in order before it is due."""
    for each in answer.milestones:
        steps = [each.started_at, *(one.at for one in each.warnings), each.due]
        found = [step for step in steps if step is not None]
        if found != sorted(found):
            return f"the instants of {each.name} are not in order: {', '.join(map(text_of, found))}"
    return None


def decisions_follow_the_guide(answer: Assessment, engine: Engine) -> str | None:
    """The decision is that of the rules of the guide, computed in a plain way.

    Targets are left out of the choice among entitlements, because the plain way knows no policies.
    """
    request, catalog = answer.request, engine.facts.catalog
    account = engine.facts.accounts[request.customer]
    guide = decision_by_the_guide(request, catalog, account, answer.at)
    found = in_terms_of_the_guide(AccountDecider(account, catalog).decide(request, answer.at))
    return None if found == guide else f"the decision is {found}, and by the guide {guide}"


def in_terms_of_the_guide(decision: Decision) -> GuideDecision:
    """Return a decision in the terms of the oracle, so that the two can be compared."""
    if isinstance(decision, Denied):
        return GuideDecision(kind="denied", reasons=decision.reasons)
    promise = decision.entitlement
    return GuideDecision(
        kind="granted" if isinstance(decision, Granted) else "deferred",
        group=decision.group,
        line=(promise.contract, promise.line, promise.plan, promise.plan_version, promise.right),
        immediate=isinstance(decision, Granted) and decision.immediate,
        opens_at=decision.opens_at if isinstance(decision, Deferred) else None,
        charge=decision.charge.kind,
        consent_needed=decision.charge.consent_needed,
        experts=promise.experts,
        language=decision.promise.language,
    )


def _stated(decision: Decision) -> tuple[object, ...]:
    """Return what a decision states, without the instant at which it was asked for."""
    match decision:
        case Denied():
            return (Denied, *decision.reasons)
        case Deferred():
            return (Deferred, decision.promise, decision.opens_at)
        case Granted():
            return (Granted, decision.promise)


LAWS: Final[tuple[Law, ...]] = (
    answers_are_repeated,
    answers_hold_until_they_say,
    milestones_are_due_after_they_begin,
    decisions_follow_the_guide,
)
"""The laws of every answer; `answers_travel` takes long, and is asked once for each request."""
