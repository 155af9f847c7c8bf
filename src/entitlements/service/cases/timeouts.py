"""Timeouts: expired offers, opened windows, warnings and breaches, ended holds.

Each work item and each case has its own transaction. What fails is set aside, however much of it
there is, so that nothing else has to wait for it; an account that cannot be read is set aside once,
with all its cases. Processing twice does nothing twice, and several processes may do it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial
from typing import Final, final

import attrs

from entitlements.kernel.converters import whole_number
from entitlements.kernel.errors import EntitlementsError, StorageError, UnreadableError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import instant_of
from entitlements.ports.records import Case, WorkItem
from entitlements.ports.store import UnitOfWork
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service.cases.agents.offer_commands import apply_to_work
from entitlements.service.cases.case_commands import save_case
from entitlements.service.failures import Failure, ItemKind
from entitlements.service.transaction import TenantContext, Transaction

MAX_PER_SWEEP: Final = 100
_MAX_LIMIT: Final = 1_000_000


@final
@attrs.frozen(kw_only=True)
class TimeoutResult:
    """What one call of `Desk.process_due` did.

    Attributes:
        work_items: Ids of the work items that it changed.
        cases: Ids of the cases that it changed.
        failed: What failed and is set aside, to be tried again later.
        more: Whether there may be more to do at the same instant.
    """

    work_items: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    more: bool = False


def process_due(
    context: TenantContext, at: datetime | None, most: int = MAX_PER_SWEEP
) -> TimeoutResult:
    """Carry out what is due at `at`, for at most `most` work items and as many cases.

    What fails is set aside and does not count.

    Raises:
        InvalidValueError: `most` is not a whole number of at least 1.
    """
    limit = whole_number(most, what="number of items", least=1, most=_MAX_LIMIT)
    moment = context.query(lambda work: work.now()) if at is None else instant_of(at)
    items, failed_items = _process_kind(context, moment, limit, ItemKind.WORK)
    cases, failed_cases = _process_kind(context, moment, limit, ItemKind.CASE)
    context.failures.clear_expired(ItemKind.ACCOUNT, moment)
    return TimeoutResult(
        work_items=items,
        cases=cases,
        failed=(*failed_items, *failed_cases),
        more=limit in {len(items), len(cases)},
    )


def _process_kind(
    context: TenantContext, at: datetime, most: int, kind: ItemKind
) -> tuple[tuple[str, ...], tuple[Failure, ...]]:
    """Carry out what is due of one kind; return the ids that changed, and what failed."""
    changed: list[str] = []
    failed: list[Failure] = []
    passed = set(context.failures.aside(kind, at))
    skip = 0
    while len(changed) < most:
        wanted = most - len(changed)
        ids = context.query(partial(_due_ids, kind=kind, at=at, most=wanted, skip=skip))
        for id in ids:
            if id in passed:
                skip += 1  # it is still due, and listed before whatever comes next
                continue
            passed.add(id)
            try:
                if context.execute(_step(context, kind, id, at), at):
                    changed.append(id)
            except EntitlementsError as error:
                failed.append(_set_aside(context, kind, id, error, at))
            else:
                context.failures.clear(kind, id)
        if len(ids) < wanted:
            break
    return tuple(changed), tuple(failed)


def _step(
    context: TenantContext, kind: ItemKind, id: str, at: datetime
) -> Callable[[Transaction], bool]:
    if kind is ItemKind.WORK:
        return partial(process_work_timeout, id=id)
    accounts = context.failures.aside(ItemKind.ACCOUNT, at)
    return partial(process_case_timeout, id=id, accounts_aside=accounts)


def _set_aside(
    context: TenantContext, kind: ItemKind, id: str, error: EntitlementsError, at: datetime
) -> Failure:
    """Set aside what failed: the account, if it is the account that cannot be read.

    Raises:
        StorageError: The store itself failed.
    """
    if isinstance(error, UnreadableError):
        if error.customer is not None:
            return context.set_aside(ItemKind.ACCOUNT, error.customer, error, at)
    elif isinstance(error, StorageError):
        raise error
    return context.set_aside(kind, id, error, at)


def _due_ids(
    work: UnitOfWork, *, kind: ItemKind, at: datetime, most: int, skip: int
) -> tuple[str, ...]:
    repository = work.work_items if kind is ItemKind.WORK else work.cases
    return repository.due(at, most, skip)


def process_work_timeout(transaction: Transaction, *, id: str) -> bool:
    """Carry out what is due for one work item, and return whether anything was."""
    item = transaction.work.work_items.item(id)
    if not _is_due(item, transaction.at):
        transaction.changed = False
        return False
    if item.state.status is WorkStatus.PARKED:
        enqueue = offers.Enqueue(key("open", len(item.state.executed_commands)))
        apply_to_work(transaction, item, enqueue)
    else:
        apply_to_work(transaction, item, offers.ProcessTimeouts())
    return True


def process_case_timeout(
    transaction: Transaction, *, id: str, accounts_aside: AbstractSet[str] = frozenset()
) -> bool:
    """Carry out what is due for one case, and return whether anything was.

    Nothing is done for a case of a customer whose account is set aside.
    """
    case = transaction.work.cases.case(id)
    if case.customer in accounts_aside or not _is_due(case, transaction.at):
        transaction.changed = False
        return False
    save_case(transaction, case, case, used=None)
    return True


def _is_due(stored: Case | WorkItem, at: datetime) -> bool:
    return stored.next_due_at is not None and stored.next_due_at <= at
