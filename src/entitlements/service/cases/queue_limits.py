"""Limits of queues at a desk: the group whose queue new work enters."""

from __future__ import annotations

from datetime import datetime

import attrs

from entitlements.kernel.instants import to_micros
from entitlements.routing.eligibility.staffing import Staffing
from entitlements.routing.work.queue_limits import QueueChoice, QueueState, choose_queue
from entitlements.routing.work.work import Work
from entitlements.service.transaction import Transaction


def queue_of_new_work(transaction: Transaction, group: str, customer: str) -> QueueChoice:
    """Return the queue that new work of `group` enters, by the limits of the routing policy.

    Reads nothing for a group without limits, otherwise the length of each queue that is asked. It
    locks the chain of decisions of the tenant then, so that admissions take the last place of a
    queue one after the other; the account of the customer is locked before, as always.
    """
    limits, at = transaction.routing.queues, transaction.at
    if group not in limits:
        return QueueChoice(group)
    transaction.work.accounts.lock(customer)
    transaction.work.decisions.head()
    queues: dict[str, QueueState] = {}
    for each in (group, *limits[group].overflow):
        own = limits.get(each)
        if own is not None:
            signed_in = _signed_in(transaction, each, at) if own.unstaffed else 0
            found = transaction.work.work_items.queue(each)
            queues[each] = attrs.evolve(found, signed_in=signed_in)
    return choose_queue(group, limits, queues, at)


def _signed_in(transaction: Transaction, group: str, at: datetime) -> int:
    roster = transaction.work.roster.roster([group])
    return Staffing(roster.agent_states, to_micros(at), roster.on_call).signed_in(group)


def for_group(work: Work, group: str) -> Work:
    """Return `work` as the agents of `group` take it."""
    return attrs.evolve(work, requires=attrs.evolve(work.requires, groups=[group]))
