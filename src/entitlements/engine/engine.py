"""So? May they, by when, who, and what does it cost: one pure answer.

`Engine` compiles facts once and is asked many times; it is immutable to its users and may be shared
among threads. Nothing it says has happened yet: taking the allowance, offering the work and writing
anything down are commands of whoever asked.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Final, Protocol, TypeAlias, final

import attrs

from entitlements.access.decider import AccountDecider
from entitlements.access.decision import (
    Charge,
    Decision,
    Deferred,
    Denied,
    Entitlement,
    Obligation,
    ObligationKind,
    Promise,
)
from entitlements.access.explained import Duty
from entitlements.contracts.account import Account
from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.plans import Plan
from entitlements.engine.explain import assessment_data, sentences
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import EntitlementsError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import END_OF_TIME, from_micros_or_none, to_micros
from entitlements.kernel.memo import Memo
from entitlements.kernel.no_truth_value import NoTruthValue
from entitlements.kernel.requests import Request
from entitlements.routing.answers import Assigned, Route
from entitlements.routing.live.router import Router
from entitlements.routing.live.static_selector import RankedAgents, StaticSelector
from entitlements.routing.roster import Roster
from entitlements.routing.selection import route
from entitlements.routing.work.requirements import Requirement, RoutingObligations
from entitlements.routing.work.work import Work
from entitlements.sla.case_history.events import Event
from entitlements.sla.case_history.history import History
from entitlements.sla.clock.compiled_policy import CompiledTarget, OpeningDeadlines, OpeningTargets
from entitlements.sla.measurement import measure
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.readings import Reading

MAX_KEPT: Final = 100_000
"""How many entries an engine keeps of all accounts together; the guide says what that is in bytes.

An account has one entry, one more for each contract line, and some for each kind of request, each
contact and each stretch of time that it was asked about.
"""

MAX_PREPARED: Final = 8_192
"""How many kinds of work an engine keeps prepared; customers with equal promises share them."""

_FIRST: Final = Milestone.FIRST_RESPONSE.value
PolicyKey: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
TermsKey: TypeAlias = tuple[str, bool]
"""A customer, and whether the caller brought its account."""
PreparedKey: TypeAlias = tuple[Duty, str, str, frozenset[str], FrozenMap[str, int]]


class Source(Protocol):
    """What an answer was made by, to be asked for what explains it."""

    def milestones(self, answer: Assessment) -> tuple[Reading, ...]:
        """Return how each milestone stands at the opening."""
        ...

    def route(self, answer: Assessment) -> Route | None:
        """Return who takes it, with everybody considered."""
        ...


@final
@attrs.frozen
class Explained:
    """What explains one answer, worked out: what a stored answer takes along."""

    readings: tuple[Reading, ...]

    def milestones(self, answer: Assessment) -> tuple[Reading, ...]:  # noqa: ARG002 - there is one answer
        """Return how each milestone stands at the opening."""
        return self.readings

    def route(self, answer: Assessment) -> Route | None:  # noqa: ARG002 - it is stored beside this
        """Return nothing: the route of a stored answer is with it."""
        return None


@final
@attrs.frozen
class Assessment(NoTruthValue):
    """The whole answer to one request at one instant.

    Equal questions to equal facts give equal answers. What explains an answer is worked out when it
    is asked for, or when the answer is stored; it is not compared.

    Attributes:
        decision: Whether the contract gives access, and how.
        deadlines: The due instants of all milestones in microseconds; None for a denial.
        agent: Who takes it: as of now, or as of the opening where access is deferred; None if
            nobody can then, and for a denial.
    """

    decision: Decision
    deadlines: OpeningDeadlines | None
    agent: str | None
    _source: Source = attrs.field(repr=False, eq=False)
    _live: Route | None = attrs.field(default=None, repr=False, eq=False)

    def __copy__(self) -> Assessment:
        return self

    def __deepcopy__(self, _: object) -> Assessment:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        said = (self.decision, self.deadlines, self.agent)
        return Assessment, (*said, Explained(self.milestones), self.route)

    @property
    def request(self) -> Request:
        """What was asked."""
        return self.decision.request

    @property
    def at(self) -> datetime:
        """The instant asked about."""
        return self.decision.at

    @property
    def milestones(self) -> tuple[Reading, ...]:
        """First response, update, resolution and what else was promised; empty for a denial."""
        return () if isinstance(self.decision, Denied) else self._source.milestones(self)

    @property
    def route(self) -> Route | None:
        """Who takes it, with everybody considered and why not them; None for a denial."""
        if self._live is not None or isinstance(self.decision, Denied):
            return self._live
        return self._source.route(self)

    @property
    def charge(self) -> Charge | None:
        """How it is paid for; None for a denial."""
        return None if isinstance(self.decision, Denied) else self.decision.charge

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What whoever acts on this must observe; empty for a denial."""
        return () if isinstance(self.decision, Denied) else self.decision.obligations

    @property
    def entries(self) -> tuple[Reserve, ...]:
        """Proposed commands to the account's ledger; nothing has been posted."""
        return () if isinstance(self.decision, Denied) else self.decision.commands

    def explain(self) -> str:
        """Return the whole answer as sentences, one a line, in the order of the questions."""
        return "\n".join(sentences(self))

    def to_dict(self) -> dict[str, object]:
        """Return the whole answer as data that JSON can hold."""
        return assessment_data(self)


@final
class PreparedPromise:
    """What all requests of one kind under equal promises share: clauses, needs, who may come."""

    __slots__ = ("line", "plan", "requires")

    def __init__(self, plan: OpeningTargets, requires: Requirement, line: RankedAgents) -> None:
        self.plan = plan
        self.requires = requires
        self.line = line


@final
class Engine:
    """Facts, compiled for being asked.

    Args:
        facts: Everything decisions follow from.
        keep: How many entries to keep of all accounts together, at least 2; those kept longest go
            first, and are compiled again when they are asked for.

    >>> from entitlements.kernel.instants import utc
    >>> request = Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...                   channel="phone")
    >>> Engine(Facts()).assess(request, utc("2026-03-02T09:00Z")).decision.reasons
    (<Reason.CUSTOMER_UNKNOWN: 'customer_unknown'>,)
    """

    __slots__ = ("_policies", "_prepared", "_standby", "_terms", "facts")

    def __init__(self, facts: Facts, *, keep: int = MAX_KEPT) -> None:
        self.facts = facts
        self._terms: Memo[TermsKey, AccountDecider] = Memo(keep, weigh=_weight)
        self._policies: Memo[PolicyKey, SlaPolicy] = Memo(MAX_PREPARED)
        self._prepared: Memo[PreparedKey, PreparedPromise] = Memo(MAX_PREPARED)
        self._standby = StaticSelector(facts.roster)

    def assess(
        self,
        request: Request,
        at: datetime,
        *,
        account: Account | None = None,
        roster: Roster | Router | None = None,
    ) -> Assessment:
        """Return the answer to `request` at `at`.

        Args:
            request: What is asked.
            at: Aware instant; pendulum's will do.
            account: The customer's records, where they are not among the facts.
            roster: Who is there, instead of the roster in the facts; a live `Router` will do.

        Raises:
            InvalidValueError: `at` is naive.
            LimitExceededError: `at` lies outside the years 2 to 9997.
            UnknownIdError: `account` has a line that names a plan, version or calendar which the
                catalog does not have; accounts among the facts are checked with them.
            NeverReachedError: A calendar has less open time left than a target needs.
            NotCoveredError: The holidays of a calendar are not known at a time that counts.
        """
        now = to_micros(at)
        decision = self.terms(request.customer, account).decide_at(request, now)
        if isinstance(decision, Denied):
            return Assessment(decision, None, None, self)
        prepared = self._prepared_for(request, decision.promise)
        plan = prepared.plan
        deadlines = OpeningDeadlines(plan, now, plan.due_instants(now))
        if roster is not None:
            unrouted = Assessment(decision, deadlines, None, self)
            return self._routed(unrouted, roster)
        asked = to_micros(decision.opens_at) if isinstance(decision, Deferred) else now
        agent = prepared.line.first(asked)
        return Assessment(decision, deadlines, agent, self)

    def terms(self, customer: str, account: Account | None = None) -> AccountDecider:
        """Return the customer's terms, compiled when they are first asked for."""
        key = (customer, account is not None)
        terms = self._terms.get(key)
        if terms is None or (account is not None and terms.account is not account):
            known = self.facts.accounts.get(customer) if account is None else account
            responses = FirstResponses(self)
            made = AccountDecider(known, self.facts.catalog, responses, within=self._terms)
            terms = self._terms.put(key, made)
        return terms

    def policy(self, entitlement: Entitlement) -> SlaPolicy:
        """Return the SLA policy of an entitlement, with the calendars that its line binds."""
        key = (entitlement.policy, entitlement.calendars)
        found = self._policies.get(key)
        if found is None:
            policy = self.facts.policies[entitlement.policy]
            known = self.facts.catalog.calendars
            names = policy.calendars
            bound = {name: known[to] for name, to in entitlement.calendars if name in names}
            found = self._policies.put(key, policy.with_calendars(bound) if bound else policy)
        return found

    def work(self, answer: Assessment) -> Work:
        """Return the work that an answer makes: what it takes, how it ranks, by when.

        Raises:
            UnknownIdError: The answer is a denial, which makes no work.
        """
        decision, request = answer.decision, answer.request
        if isinstance(decision, Denied):
            raise UnknownIdError("work of a denied request", request.id)
        due = None if answer.deadlines is None else answer.deadlines.due(_FIRST)
        promise = decision.entitlement
        return Work(
            id=request.id,
            opened=answer.at,
            rank=self._plan(promise).severities.index(request.severity),
            due=from_micros_or_none(due),
            routable=decision.opens_at if isinstance(decision, Deferred) else None,
            preferred_agents=[promise.experts] if promise.experts else [],
            requires=self._prepared_for(request, decision.promise).requires,
        )

    def milestones(self, answer: Assessment) -> tuple[Reading, ...]:
        """Return how each milestone of an answer stands at the opening; none for a denial."""
        if isinstance(answer.decision, Denied):
            return ()
        policy = self.policy(answer.decision.entitlement)
        readings = measure(policy, History([opening_event(answer.request, answer.at)]), answer.at)
        return tuple(readings[name] for name in policy.milestones)

    def route(self, answer: Assessment) -> Route | None:
        """Return who takes the work of an answer, by the roster in the facts; None for a denial."""
        if isinstance(answer.decision, Denied):
            return None
        work = self.work(answer)
        return route(work, self.facts.roster, work.routable or work.opened)

    def _routed(self, answer: Assessment, roster: Roster | Router) -> Assessment:
        work = self.work(answer)
        asked = work.routable or work.opened
        live = (
            roster.route(work, asked) if isinstance(roster, Router) else route(work, roster, asked)
        )
        agent = live.agent if isinstance(live, Assigned) else None
        return attrs.evolve(answer, live=live, agent=agent)

    def _prepared_for(self, request: Request, promise: Promise) -> PreparedPromise:
        key = (
            promise.duty,
            request.severity,
            request.channel,
            request.conditions,
            request.skills,
        )
        found = self._prepared.get(key)
        if found is not None:
            return found
        compiled = self.policy(promise.entitlement).compiled
        requires = _requirement(request, promise)
        plan = compiled.targets_for(request.severity, request.channel, request.conditions)
        line = self._standby.ranked(requires, promise.entitlement.experts)
        return self._prepared.put(key, PreparedPromise(plan, requires, line))

    def _plan(self, entitlement: Entitlement) -> Plan:
        versions = self.facts.catalog.plan_versions(entitlement.plan)
        return next(each for each in versions if each.version == entitlement.plan_version)


@final
class FirstResponses:
    """By when promises have a first response, counted by the hours that their line binds."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def due(self, promise: Entitlement, request: Request, at: int) -> int:
        """Return when a request accepted at `at` is due to be answered; `END` for no promise."""
        clause = self._clause(promise, request)
        if clause is None:
            return END_OF_TIME
        try:
            return clause.due(at, clause.timeline.open_time_before(at))
        except EntitlementsError:  # the calendar never has that much open time
            return END_OF_TIME

    def key(self, promise: Entitlement, request: Request) -> Hashable:
        """Return what is equal for promises that are due at the same instants."""
        clause = self._clause(promise, request)
        if clause is None:
            return None
        return clause.limit, clause.days, id(clause.timeline), clause.late_landing

    def _clause(self, promise: Entitlement, request: Request) -> CompiledTarget | None:
        compiled = self._engine.policy(promise).compiled
        plan = compiled.find_targets(request.severity, request.channel, request.conditions)
        clause = plan.by_milestone.get(_FIRST)
        return None if clause is None or clause.definition.within is None else clause


def _weight(terms: AccountDecider) -> int:
    return terms.weight


def opening_event(request: Request, at: datetime) -> Event:
    """Return the event with which the clocks of an accepted request start."""
    return Event.opened(
        at, severity=request.severity, channel=request.channel, conditions=request.conditions
    )


def _requirement(request: Request, promise: Promise) -> Requirement:
    found = {each.kind: each.values for each in promise.obligations}
    return Requirement(
        groups=[promise.group],
        skills=request.skills,
        channel=request.channel,
        obligations=RoutingObligations(
            clearances=dict.fromkeys(found.get(ObligationKind.CLEARANCE, ()), 1),
            residency=found.get(ObligationKind.RESIDENCY, ()),
        ),
    )


def assess(request: Request, facts: Facts, at: datetime) -> Assessment:
    """Return the answer to one request, from facts in one call.

    Whoever asks more than once keeps an `Engine` instead.
    """
    return Engine(facts).assess(request, at)
