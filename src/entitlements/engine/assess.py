"""So? May they, by when, who, and what does it cost: one pure answer.

`Engine` compiles facts once and is asked many times; it is immutable to its users and may be shared
among threads. Nothing it says has happened yet: taking the allowance, offering the work and writing
anything down are commands of whoever asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias, final

import attrs

from entitlements.access.decision import (
    Charge,
    Decision,
    Deferred,
    Denied,
    Entitlement,
    Granted,
    Obligation,
    ObligationKind,
)
from entitlements.access.terms import Terms
from entitlements.contracts.account import Account
from entitlements.contracts.entries import Reserve
from entitlements.contracts.plans import Plan
from entitlements.contracts.steps import END
from entitlements.engine.explain import as_data, sentences
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.kernel.requests import Request
from entitlements.routing.answers import Route
from entitlements.routing.requirements import Obligations, Requirement
from entitlements.routing.roster import Roster
from entitlements.routing.route import route
from entitlements.routing.work import Work
from entitlements.sla.compiled import Deadlines
from entitlements.sla.events import Event
from entitlements.sla.history import History
from entitlements.sla.measure import measure
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.readings import Reading

MOST_KEPT: Final = 65_536
_FIRST: Final = Milestone.FIRST_RESPONSE.value
PolicyKey: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


@final
@attrs.frozen(kw_only=True)
class Assessment:
    """The whole answer to one request at one instant.

    Attributes:
        request: What was asked.
        decision: Whether the contract gives access, and how.
        deadlines: The due instants of all milestones in microseconds; None for a denial.
        route: Who takes it: as of now, or as of the opening where access is deferred; None for a
            denial.
    """

    request: Request
    decision: Decision
    deadlines: Deadlines | None
    route: Route | None
    _policy: SlaPolicy | None = attrs.field(repr=False)
    _at: int = attrs.field(repr=False)

    @property
    def at(self) -> datetime:
        """The instant asked about."""
        return from_micros(self._at)

    @property
    def milestones(self) -> tuple[Reading, ...]:
        """First response, update, resolution and what else was promised; empty for a denial."""
        if self._policy is None:
            return ()
        opened = Event.opened(
            self.at,
            severity=self.request.severity,
            channel=self.request.channel,
            conditions=self.request.conditions,
        )
        readings = measure(self._policy, History([opened]), self.at)
        return tuple(readings[name] for name in self._policy.milestones)

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
        return as_data(self)


@final
class Engine:
    """Facts, compiled for being asked.

    Args:
        facts: Everything decisions follow from.

    >>> from entitlements.kernel.instants import utc
    >>> request = Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...                   channel="phone")
    >>> Engine(Facts()).assess(request, utc("2026-03-02T09:00Z")).decision.reasons
    (<Reason.CUSTOMER_UNKNOWN: 'customer_unknown'>,)
    """

    __slots__ = ("_policies", "_terms", "facts")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._terms: dict[str, tuple[Account | None, Terms]] = {}
        self._policies: dict[PolicyKey, SlaPolicy] = {}

    def assess(
        self,
        request: Request,
        at: datetime,
        *,
        account: Account | None = None,
        roster: Roster | None = None,
    ) -> Assessment:
        """Return the answer to `request` at `at`.

        Args:
            request: What is asked.
            at: Aware instant; pendulum's will do.
            account: The customer's records, where they are not among the facts.
            roster: Who is there, instead of the roster in the facts.

        Raises:
            InvalidValueError: `at` is naive.
            NeverReachedError: A calendar has less open time left than a target needs.
        """
        now = to_micros(at)
        decision = self.terms(request.customer, account).decide_at(request, now)
        if isinstance(decision, Denied):
            return Assessment(
                request=request, decision=decision, deadlines=None, route=None, policy=None, at=now
            )
        policy = self.policy(decision.entitlement)
        deadlines = policy.compiled.deadlines(
            request.severity, request.channel, request.conditions, now
        )
        work = self.work(request, decision, now, deadlines.due(_FIRST))
        asked = work.routable or from_micros(now)
        return Assessment(
            request=request,
            decision=decision,
            deadlines=deadlines,
            route=route(work, self.facts.roster if roster is None else roster, asked),
            policy=policy,
            at=now,
        )

    def terms(self, customer: str, account: Account | None = None) -> Terms:
        """Return the customer's terms, compiled when they are first asked for."""
        if account is None:
            account = self.facts.accounts.get(customer)
        kept = self._terms.get(customer)
        if kept is not None and kept[0] is account:
            return kept[1]
        if len(self._terms) >= MOST_KEPT:
            self._terms = {}
        terms = Terms(account, self.facts.catalog, self._first_response)
        self._terms[customer] = (account, terms)
        return terms

    def policy(self, entitlement: Entitlement) -> SlaPolicy:
        """Return the SLA policy of an entitlement, with the calendars that its line binds."""
        key = (entitlement.policy, entitlement.calendars)
        found = self._policies.get(key)
        if found is None:
            policy = self.facts.policies[entitlement.policy]
            calendars = self.facts.catalog.calendars
            bound = {
                name: calendars[to]
                for name, to in entitlement.calendars
                if name in policy.calendars
            }
            found = policy.with_calendars(bound) if bound else policy
            self._policies[key] = found
        return found

    def work(
        self, request: Request, decision: Granted | Deferred, at: int, due: int | None
    ) -> Work:
        """Return the work that a decision makes: what it takes, how it ranks, by when."""
        plan = self._plan(decision.entitlement)
        opens = decision.opens_at if isinstance(decision, Deferred) else None
        return Work(
            id=request.id,
            opened=from_micros(at),
            rank=plan.severities.index(request.severity),
            due=None if due is None else from_micros(due),
            routable=opens,
            preferred_agents=[decision.entitlement.experts] if decision.entitlement.experts else [],
            requires=_requirement(request, decision),
        )

    def _plan(self, entitlement: Entitlement) -> Plan:
        versions = self.facts.catalog.plan_versions(entitlement.plan)
        return next(each for each in versions if each.version == entitlement.plan_version)

    def _first_response(self, plan: Plan, request: Request) -> int:
        policy = self.facts.policies[plan.policy]
        try:
            clauses = policy.compiled.plan(request.severity, request.channel, request.conditions)
        except UnknownIdError:
            return END
        clause = clauses.clauses.get(_FIRST)
        return END if clause is None or clause.limit is None else clause.limit


def _requirement(request: Request, decision: Granted | Deferred) -> Requirement:
    found = {each.kind: each.values for each in decision.obligations}
    return Requirement(
        groups=[decision.group],
        skills=request.skills,
        channel=request.channel,
        obligations=Obligations(
            clearances=dict.fromkeys(found.get(ObligationKind.CLEARANCE, ()), 1),
            residency=found.get(ObligationKind.RESIDENCY, ()),
        ),
    )


def assess(request: Request, facts: Facts, at: datetime) -> Assessment:
    """Return the answer to one request, from facts in one call.

    Whoever asks more than once keeps an `Engine` instead.
    """
    return Engine(facts).assess(request, at)
