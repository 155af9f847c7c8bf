"""What has time alone brought about? Ended offers, opened doors, warnings, breaches, ended holds.

Each work item and each case has its own transaction. What fails is set aside, however much of it
there is, so that nothing else has to wait for it. Processing twice does nothing twice, and several
processes may do it at once.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final, Protocol, final

import attrs

from entitlements.kernel.errors import EntitlementsError, StorageError, UnreadableError
from entitlements.kernel.ids import key
from entitlements.ports.store import UnitOfWork
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service.cases.case_commands import save_case
from entitlements.service.cases.offer_commands import apply_to_work
from entitlements.service.failures import Failure, ItemKind
from entitlements.service.transaction import TenantContext, Transaction

MAX_PER_SWEEP: Final = 100


class TimeoutStep(Protocol):
    """One step of a sweep: about one case, or one piece of work."""

    def __call__(self, transaction: Transaction, *, id: str) -> bool:
        """Do what is due, and return whether anything was."""
        ...


@final
@attrs.frozen(kw_only=True)
class TimeoutResult:
    """What one sweep did.

    Attributes:
        work_items: Ids of the work that it changed.
        cases: Ids of the cases that it changed.
        failed: What could not be swept; it is set aside and tried again later.
        more: Whether there may be more to do at the same instant.
    """

    work_items: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    more: bool = False


def process_due(
    context: TenantContext, at: datetime | None, most: int = MAX_PER_SWEEP
) -> TimeoutResult:
    """Carry out what is due at `at`, at most `most` pieces of work and as many cases.

    What fails is set aside, takes no place of another, and does not count.
    """
    moment = context.query(lambda work: work.now()) if at is None else at
    swept, failed = _each(context, moment, most, ItemKind.WORK)
    told, lost = _each(context, moment, most, ItemKind.CASE)
    full = most in {len(swept), len(told)}
    return TimeoutResult(work_items=swept, cases=told, failed=(*failed, *lost), more=full)


def _each(
    context: TenantContext, at: datetime, most: int, kind: ItemKind
) -> tuple[tuple[str, ...], tuple[Failure, ...]]:
    """Carry out what is due of one kind; return the ids that changed, and what failed."""
    step: TimeoutStep = process_work_timeout if kind is ItemKind.WORK else process_case_timeout
    changed: list[str] = []
    failed: list[Failure] = []
    passed = set(context.failures.aside(kind, at))
    skip = 0
    while len(changed) < most:
        wanted = most - len(changed)
        ids = context.query(partial(_due_ids, kind=kind, at=at, most=wanted, skip=skip))
        for id in ids:
            if id in passed:
                skip += 1  # it is still among what is due, before whatever comes next
                continue
            passed.add(id)
            try:
                if context.execute(partial(step, id=id), at):
                    changed.append(id)
            except EntitlementsError as error:
                if isinstance(error, StorageError) and not isinstance(error, UnreadableError):
                    raise
                failed.append(context.set_aside(kind, id, error, at))
                skip += 1
            else:
                context.failures.clear(kind, id)
        if len(ids) < wanted:
            break
    return tuple(changed), tuple(failed)


def _due_ids(
    work: UnitOfWork, *, kind: ItemKind, at: datetime, most: int, skip: int
) -> tuple[str, ...]:
    due = work.work_items if kind is ItemKind.WORK else work.cases
    return due.due(at, most, skip)


def process_work_timeout(transaction: Transaction, *, id: str) -> bool:
    """Carry out what time has brought about for one piece of work; return whether it did."""
    item = transaction.work.work_items.item(id)
    if item.next_due_at is None or item.next_due_at > transaction.at:
        transaction.changed = False
        return False
    if item.state.phase is WorkStatus.PARKED:
        apply_to_work(
            transaction, item, offers.Enqueue(key("open", len(item.state.executed_commands)))
        )
    else:
        apply_to_work(transaction, item, offers.ProcessTimeouts())
    return True


def process_case_timeout(transaction: Transaction, *, id: str) -> bool:
    """Tell the warnings and breaches of one case that have come; return whether it did."""
    case = transaction.work.cases.case(id)
    if case.next_due_at is None or case.next_due_at > transaction.at:
        transaction.changed = False
        return False
    save_case(transaction, case, case, used=None)
    return True
