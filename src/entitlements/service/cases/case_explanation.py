"""Explanation of a stored case: the decision, the milestones now, and who has the work."""

from __future__ import annotations

from datetime import datetime

from entitlements.engine.assessment import Assessment
from entitlements.engine.explanation.for_cases import ExplainedCase
from entitlements.kernel.errors import TooEarlyError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.ports.records import WorkItem
from entitlements.ports.store import UnitOfWork
from entitlements.routing.agents.workload import AssignedWork, Reservation
from entitlements.routing.roster import Roster
from entitlements.routing.selection import route, take_unstaffed_steps
from entitlements.service.caches.catalog_cache import CatalogCache
from entitlements.service.cases.notices import read_clocks
from entitlements.service.transaction import TenantContext


def case_to_explain(
    context: TenantContext, answer: Assessment, at: datetime | None
) -> ExplainedCase:
    """Return what explains the case of an answer at an instant; None for the present.

    The roster is that of the present: no store keeps what every agent was doing at each offer.
    """
    return context.query(
        lambda work: _read(work, context.catalogs, answer, work.now() if at is None else utc(at))
    )


def _read(
    work: UnitOfWork, catalogs: CatalogCache, answer: Assessment, at: datetime
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
    routing = catalogs.latest(work).routing
    free = _without(roster, item, at)
    wanted = item.state.as_work(item.work, at, routing.offers)
    wanted = take_unstaffed_steps(wanted, free, at)
    return ExplainedCase(
        answer=answer,
        at=at,
        readings=readings,
        state=item.state,
        assigned=_assigned(roster, item),
        route=route(wanted, free, at, strategy=routing.strategy),
    )


def _assigned(roster: Roster, item: WorkItem) -> AssignedWork | None:
    key = Reservation(item.id, item.state.assignee_fence).key if item.state.assignee_fence else ""
    holder = roster.holder(key)
    return None if holder is None else roster.workload(holder).held[key]


def _without(roster: Roster, item: WorkItem, at: datetime) -> Roster:
    """Return the roster as if no agent had the work, or as it is where that was assigned later."""
    fences = {item.state.assignee_fence, *(each.fence for each in item.state.leases)} - {0}
    for fence in sorted(fences):
        try:
            roster = roster.complete(Reservation(item.id, fence).key, at, done=False)
        except (UnknownIdError, TooEarlyError):
            continue
    return roster
