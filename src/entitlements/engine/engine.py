"""Engine: access, deadlines, agent and charge of one request, in one pure assessment.

`Engine` compiles facts once for many requests; it is immutable to its users and may be shared among
threads. An assessment changes nothing: posting to the ledger, offering the work and recording the
case are commands of the caller.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias, final

import attrs

from entitlements import access, billing, routing, sla
from entitlements.access.decision import Deferred, Denied
from entitlements.access.promise import Entitlement, ObligationKind, Promise, ServiceTerms
from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.plans import Plan
from entitlements.engine.assessment import Assessment
from entitlements.engine.facts import Facts
from entitlements.engine.request_price import RequestPrice
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import from_micros_or_none, to_micros
from entitlements.kernel.on_demand.memo import Memo
from entitlements.kernel.requests import Request
from entitlements.routing.answers.answers import Assigned, Route
from entitlements.routing.roster import Roster
from entitlements.sla.case_history.events import opening_event
from entitlements.sla.clock.opening_deadlines import OpeningDeadlines
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy

if TYPE_CHECKING:
    from entitlements.engine.agreed_prices import AgreedPrices
    from entitlements.engine.priced_work import PricedWork
    from entitlements.routing.live.fixed_roster import FixedChoice
    from entitlements.sla.clock.compiled_policy import OpeningTargets

MAX_KEPT: Final = 75_000
"""How many entries an engine keeps of all accounts together; the guide states their size.

An account has one entry, one more for each contract line, and some for each class of requests, each
contact and each period of time that it was asked about.
"""

MAX_PREPARED: Final = 8_192
"""How many kinds of work an engine keeps prepared; customers with equal terms share them."""

_FIRST: Final = Milestone.FIRST_RESPONSE.value
PolicyKey: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
DeciderKey: TypeAlias = tuple[str, bool]
"""A customer, and whether the caller passed its account."""
PreparedKey: TypeAlias = tuple[
    ServiceTerms, str | None, str, frozenset[str], FrozenMap[str, int], str | None
]


@final
class PreparedPromise:
    """What requests of one kind under equal terms share.

    Attributes:
        targets: The compiled targets.
        requires: What an agent needs for the work.
        agents: The choice among the agents who may take it.
    """

    __slots__ = ("agents", "requires", "targets")

    def __init__(
        self, targets: OpeningTargets, requires: routing.Requirement, agents: FixedChoice
    ) -> None:
        self.targets = targets
        self.requires = requires
        self.agents = agents


@final
class Engine:
    """Facts, compiled to answer many requests.

    Args:
        facts: Everything that assessments follow from.
        keep: How many entries to keep of all accounts together, at least 2; those kept longest are
            dropped first, and are compiled again when they are needed.

    >>> from entitlements.kernel.instants import utc
    >>> request = Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...                   channel="phone")
    >>> Engine(Facts()).assess(request, utc("2026-03-02T09:00Z")).decision.reasons
    (Reason.CUSTOMER_UNKNOWN,)
    """

    __slots__ = (
        *("_deciders", "_has_prices", "_policies", "_prepared", "_priced", "_roster", "facts"),
    )

    def __init__(self, facts: Facts, *, keep: int = MAX_KEPT) -> None:
        self.facts = instance_of(Facts, facts)
        self._deciders: Memo[DeciderKey, access.AccountDecider] = Memo(keep, weigh=_weight)
        self._policies: Memo[PolicyKey, SlaPolicy] = Memo(MAX_PREPARED)
        self._prepared: Memo[PreparedKey, PreparedPromise] = Memo(MAX_PREPARED)
        self._priced: Memo[AgreedPrices, PricedWork] = Memo(MAX_PREPARED)
        self._has_prices = facts.prices != billing.PriceBook()
        from entitlements.routing.live.fixed_roster import FixedRoster  # noqa: PLC0415 - on first use

        self._roster = FixedRoster(facts.roster, facts.routing.strategy)

    def assess(
        self,
        request: Request,
        at: datetime,
        *,
        account: Account | None = None,
        roster: Roster | routing.Router | None = None,
    ) -> Assessment:
        """Return the assessment of `request` at `at`.

        A line of `account` whose plan, version or calendar the catalog does not have gives no
        access, for the reason `facts_missing`, and does not affect other lines. The same holds for
        a right whose hours or balance are not known at `at`.

        Args:
            request: What the customer asks for.
            at: Aware instant, of `datetime` or pendulum.
            account: The customer's records, where they are not among the facts.
            roster: The agents, instead of the roster in the facts; or a live `Router`, which has
                its own strategy.

        Raises:
            InvalidValueError: `at` is naive, or the severity of the request does not follow from
                its impact and urgency; see `AccountDecider.decide`.
            UnknownIdError: No plan knows the impact or the urgency of the request.
            LimitExceededError: `at`, or a deadline, lies outside the years 2 to 9997.
            NeverReachedError: A target's calendar has less open time left than the target needs.
            NotCoveredError: The holidays of a target's calendar, or of an agent's shift, do not
                cover the time that counts.
        """
        try:
            now = to_micros(at)
            decision = self._decider(request.customer, account).decide_at(request, now)
        except (AttributeError, InvalidValueError):
            instance_of(Request, request)  # what is no request is said before all else
            raise
        if isinstance(decision, Denied):
            return Assessment(decision, None, None, self)
        request = decision.request  # its severity may follow from impact and urgency
        prepared = self._prepared_for(request, decision.promise)
        targets = prepared.targets
        deadlines = OpeningDeadlines(targets, now, targets.due_instants(now))
        source = self if account is None or not self._has_prices else AccountSource(self, account)
        if roster is not None:
            if not isinstance(roster, routing.Router):
                instance_of(Roster, roster)
            unrouted = Assessment(decision, deadlines, None, source)
            return self._routed(unrouted, roster)
        start = to_micros(decision.opens_at) if isinstance(decision, Deferred) else now
        if self.facts.routing.relaxation is not None:
            return self._chosen(Assessment(decision, deadlines, None, source))
        agent = prepared.agents.first(start, now, request.id)
        return Assessment(decision, deadlines, agent, source)

    def decider(self, customer: str, account: Account | None = None) -> access.AccountDecider:
        """Return the decider of a customer's account, compiled when it is first needed."""
        return self._decider(instance_of(str, customer), account)

    def _decider(self, customer: str, account: Account | None) -> access.AccountDecider:
        key = (customer, account is not None)
        decider = self._deciders.get(key)
        if decider is None:
            from entitlements.engine.first_responses import FirstResponses  # noqa: PLC0415 - on first use

            known = self.facts.accounts.get(customer) if account is None else account
            responses = FirstResponses(self.policy)
            made = access.AccountDecider(
                known, self.facts.catalog, responses, within=self._deciders
            )
            decider = self._deciders.put(key, made)
        elif account is not None and decider.account is not account:
            decider = self._deciders.put(key, decider.with_account(account, self._deciders))
        return decider

    def policy(self, entitlement: Entitlement) -> SlaPolicy:
        """Return the SLA policy of an entitlement, with the calendars that its line binds."""
        instance_of(Entitlement, entitlement)
        key = (entitlement.policy, entitlement.calendars)
        found = self._policies.get(key)
        if found is None:
            if entitlement.policy not in self.facts.policies:
                raise UnknownIdError("policy", entitlement.policy, known=self.facts.policies)
            policy = self.facts.policies[entitlement.policy]
            known = self.facts.catalog.calendars
            names = policy.calendars
            bound = {name: known[to] for name, to in entitlement.calendars if name in names}
            found = self._policies.put(key, policy.with_calendars(bound) if bound else policy)
        return found

    def work(self, assessment: Assessment) -> routing.Work:
        """Return the work of an accepted request: its requirement, rank, due instant and plan.

        To assign it, take the steps that hold where no agent is signed in: `take_unstaffed_steps`.

        Raises:
            UnknownIdError: The assessment is a denial, which makes no work.
        """
        decision = instance_of(Assessment, assessment).decision
        request = assessment.request
        if isinstance(decision, Denied):
            raise UnknownIdError("work of a denied request", request.id)
        due = None if assessment.deadlines is None else assessment.deadlines.due(_FIRST)
        promise = decision.entitlement
        return routing.Work(
            id=request.id,
            opened=assessment.at,
            rank=_rank(self._plan(promise), request),
            due=from_micros_or_none(due),
            routable=decision.opens_at if isinstance(decision, Deferred) else None,
            preferred_agents=[promise.experts] if promise.experts else [],
            requires=self._prepared_for(request, decision.promise).requires,
            relaxation=self.facts.routing.relaxation,
        )

    def milestones(self, assessment: Assessment) -> tuple[sla.Reading, ...]:
        """Return the reading of each milestone at the opening; none for a denial."""
        decision = instance_of(Assessment, assessment).decision
        if isinstance(decision, Denied):
            return ()
        policy = self.policy(decision.entitlement)
        readings = sla.measure(
            policy, sla.History([opening_event(assessment.request, assessment.at)]), assessment.at
        )
        return tuple(readings[name] for name in policy.milestones)

    def route(self, assessment: Assessment) -> Route | None:
        """Return who takes the work, by roster and routing policy of the facts.

        None for a denial.
        """
        if isinstance(instance_of(Assessment, assessment).decision, Denied):
            return None
        return self._route(self.work(assessment), self.facts.roster)

    def price(self, assessment: Assessment, account: Account | None = None) -> RequestPrice | None:
        """Return what the work on an accepted request costs by the hour.

        None for a denial, for what costs nothing by the hour, and where no price was agreed.

        Args:
            assessment: The assessment.
            account: The customer's records, where they are not among the facts.
        """
        decision = instance_of(Assessment, assessment).decision
        if isinstance(decision, Denied) or not self._has_prices:
            return None
        known = self.facts.accounts.get(assessment.request.customer) if account is None else account
        work = None if known is None else self._priced_work(decision.entitlement, known)
        if work is None:
            return None
        begins = decision.opens_at if isinstance(decision, Deferred) else assessment.at
        promise = decision.promise
        return work.price(
            promise.charge, to_micros(begins), agent=assessment.agent, group=promise.group
        )

    def _priced_work(self, entitlement: Entitlement, account: Account) -> PricedWork | None:
        from entitlements.engine.agreed_prices import agreed_prices  # noqa: PLC0415 - on first use
        from entitlements.engine.priced_work import PricedWork  # noqa: PLC0415 - on first use

        valid = records_as_known(account.contracts, None)
        contract = next((each for each in valid if each.id == entitlement.contract), None)
        if contract is None:
            return None
        facts = self.facts
        plan = self._plan(entitlement)
        agreed = agreed_prices(contract, plan, facts.prices, entitlement.calendars)
        if agreed is None:
            return None
        found = self._priced.get(agreed)
        return found or self._priced.put(agreed, PricedWork(agreed, facts.catalog.calendars))

    def _route(self, work: routing.Work, roster: Roster) -> Route:
        start = work.routable or work.opened
        wanted = routing.take_unstaffed_steps(work, roster, start)
        return routing.route(wanted, roster, start, strategy=self.facts.routing.strategy)

    def _chosen(self, assessment: Assessment) -> Assessment:
        """Return the assessment with the agent whom `route` selects from all agents."""
        answer = self._route(self.work(assessment), self.facts.roster)
        agent = answer.agent if isinstance(answer, Assigned) else None
        return attrs.evolve(assessment, agent=agent)

    def _routed(self, assessment: Assessment, roster: Roster | routing.Router) -> Assessment:
        work = self.work(assessment)
        if isinstance(roster, routing.Router):
            start = work.routable or work.opened
            live = roster.route(roster.take_unstaffed_steps(work, start), start)
        else:
            live = self._route(work, roster)
        agent = live.agent if isinstance(live, Assigned) else None
        return attrs.evolve(assessment, live=live, agent=agent)

    def _prepared_for(self, request: Request, promise: Promise) -> PreparedPromise:
        key = (
            promise.service_terms,
            request.severity,
            request.channel,
            request.conditions,
            request.skills,
            request.kind,
        )
        found = self._prepared.get(key)
        if found is not None:
            return found
        compiled = self.policy(promise.entitlement).compiled
        requires = _requirement(request, promise)
        targets = compiled.targets_for(
            request.severity, request.channel, request.conditions, request.kind
        )
        agents = self._roster.choice(requires, promise.entitlement.experts)
        return self._prepared.put(key, PreparedPromise(targets, requires, agents))

    def _plan(self, entitlement: Entitlement) -> Plan:
        versions = self.facts.catalog.plan_versions(entitlement.plan)
        return next(each for each in versions if each.version == entitlement.plan_version)


@final
@attrs.frozen
class AccountSource:
    """An engine and the account that was passed to it: what explains one assessment."""

    engine: Engine
    account: Account

    def milestones(self, answer: Assessment) -> tuple[sla.Reading, ...]:
        """Return the reading of each milestone at the opening."""
        return self.engine.milestones(answer)

    def route(self, answer: Assessment) -> Route | None:
        """Return who takes the work, with all agents considered."""
        return self.engine.route(answer)

    def price(self, answer: Assessment) -> RequestPrice | None:
        """Return what the work costs by the hour."""
        return self.engine.price(answer, self.account)


def _rank(plan: Plan, request: Request) -> int:
    """Return the place of the severity in the plan's scale; the most severe is 0."""
    return plan.severities.index(request.severity) if request.severity in plan.severities else 0


def _weight(decider: access.AccountDecider) -> int:
    return decider.weight


def _requirement(request: Request, promise: Promise) -> routing.Requirement:
    found = {each.kind: each.values for each in promise.obligations}
    spoken = {} if promise.language is None else {promise.language: 1}
    return routing.Requirement(
        groups=[promise.group],
        skills={**spoken, **request.skills} if spoken else request.skills,
        channel=request.channel,
        obligations=routing.RoutingObligations(
            clearances=dict.fromkeys(found.get(ObligationKind.CLEARANCE, ()), 1),
            residency=found.get(ObligationKind.RESIDENCY, ()),
        ),
    )


def assess(request: Request, facts: Facts, at: datetime) -> Assessment:
    """Return the assessment of one request, from facts in one call.

    For several requests, keep an `Engine` instead: it raises what `Engine.assess` raises.

    >>> from entitlements.kernel.instants import utc
    >>> request = Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...                   channel="phone")
    >>> assess(request, Facts(), utc("2026-03-02T09:00Z")).decision.reasons
    (Reason.CUSTOMER_UNKNOWN,)
    """
    instance_of(Request, request)
    return Engine(facts).assess(request, at)
