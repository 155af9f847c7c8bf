"""Charged cases: what the records of an account say about cases whose work is charged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from entitlements.access.checks.follow_ups import first_case
from entitlements.billing.work.terms import ChargedCase
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.ledger.entries import EntryKind, Reserve
from entitlements.engine.statements.sold_lines import SoldLine
from entitlements.kernel.instants import to_micros

_RETURNED: Final = frozenset({EntryKind.VOID, EntryKind.EXPIRE, EntryKind.GIVE_BACK})


def charged_cases(account: Account, lines: Iterable[SoldLine]) -> Iterator[ChargedCase]:
    """Yield the cases of an account under its lines.

    A case is a follow-up if it was opened within the warranty of the first case that it follows.
    It is paid as a whole if incidents were taken for it, and the customer agreed to overage if its
    reservation says so.
    """
    by_id = {each.id: each for each in account.cases}
    sold = {each.key: each for each in lines}
    for case in account.cases:
        line = sold.get((case.contract, case.line))
        if line is None:
            continue
        first = _first(case, by_id, line)
        grant, consent = _held(account, case.id)
        yield ChargedCase(
            id=case.id,
            contract=case.contract,
            line=case.line,
            follow_up_of=None if first is None else first.id,
            prepaid_by=grant,
            consent=consent,
        )


def _first(case: OpenCase, cases: Mapping[str, OpenCase], line: SoldLine) -> OpenCase | None:
    """Return the case in whose warranty this one was opened, or None."""
    plan = line.at(to_micros(case.opened)).terms.plan
    warranty = max((each.warranty for each in plan.allowances), default=timedelta())
    if case.follows is None or not warranty or case.product is None:
        return None
    first = first_case(cases, case, warranty)
    if first is None or first.id == case.id or first.resolved is None:
        return None
    return first if first.resolved <= case.opened < first.resolved + warranty else None


def _held(account: Account, case: str) -> tuple[str | None, bool]:
    """Return the grant of which a case took incidents, and whether overage was agreed to."""
    entry = account.ledger.find(case)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        return None, False
    command = entry.command
    paid = [each.grant for each in entry.shares if each.amount]
    returned = any(each.kind in _RETURNED for each in account.ledger.entries_about(case))
    is_whole = command.unit is Unit.INCIDENTS and bool(paid) and not returned
    return (paid[0] if is_whole else None), command.consent
