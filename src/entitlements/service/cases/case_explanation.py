"""Explanation of a stored case: the decision, the milestones now, and who has the work."""

from __future__ import annotations

from datetime import datetime

from entitlements.engine.assessment import Assessment
from entitlements.engine.explanation.for_cases import AdoptedCase, ExplainedCase
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import instant_or_none
from entitlements.ports.records import WorkItem
from entitlements.ports.store import UnitOfWork
from entitlements.routing.agents.workload import AssignedWork, Reservation
from entitlements.routing.answers.answers import Route
from entitlements.routing.offers.selections import AgentSelection
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.roster import Roster
from entitlements.routing.selection import route, take_unstaffed_steps
from entitlements.service.caches.catalog_cache import CatalogCache
from entitlements.service.cases.deadline_alerts import read_clocks
from entitlements.service.transaction import TenantContext


def case_to_explain(
    context: TenantContext, answer: Assessment | AdoptedCase, at: datetime | None
) -> ExplainedCase:
    """Return what explains the case of an answer at an instant; None for the present.

    Why an agent has the work is what was recorded at the offer. For waiting work, the roster of the
    present says who could take it.
    """
    asked = instant_or_none(at)
    return context.query(lambda work: _read(work, context.catalogs, answer, asked or work.now()))


def _read(
    work: UnitOfWork, catalogs: CatalogCache, answer: Assessment | AdoptedCase, at: datetime
) -> ExplainedCase:
    try:
        found = work.cases.case(answer.request.id)
    except UnknownIdError:  # the request was denied
        return ExplainedCase(answer=answer, at=at)
    edition = catalogs.edition(work, found.terms.edition)
    policy, others = edition.policy(found.terms), edition.others(found)
    readings = tuple(read_clocks(found, policy, at, others=others)[0])
    try:
        item = work.work_items.item(found.id)
    except UnknownIdError:  # the work is over, or the case was adopted without any
        return ExplainedCase(answer=answer, at=at, readings=readings)
    roster = work.roster.roster([item.group])
    return ExplainedCase(
        answer=answer,
        at=at,
        readings=readings,
        state=item.state,
        assigned=_assigned(roster, item),
        selection=_selection(item, at),
        route=_route(roster, item, at, catalogs.latest(work).routing) if item.queued else None,
    )


def _selection(item: WorkItem, at: datetime) -> AgentSelection | None:
    """Return why the agent who has the work, or an offer of it, got it; None if none has."""
    state = item.state
    found = (
        each
        for each in item.selections
        if each.at <= at
        and (each.agent == state.assignee or any(each.fence == one.fence for one in state.leases))
    )
    return max(found, key=lambda each: each.fence, default=None)


def _route(roster: Roster, item: WorkItem, at: datetime, routing: RoutingPolicy) -> Route:
    wanted = item.state.as_work(item.work, at, routing.offers)
    wanted = take_unstaffed_steps(wanted, roster, at)
    return route(wanted, roster, at, strategy=routing.strategy)


def _assigned(roster: Roster, item: WorkItem) -> AssignedWork | None:
    key = Reservation(item.id, item.state.assignee_fence).key if item.state.assignee_fence else ""
    holder = roster.holder(key)
    return None if holder is None else roster.workload(holder).held[key]
