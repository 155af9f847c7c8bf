"""Charged cases: what the records of an account say about cases whose work is charged.

A case that was paid with incidents is paid as a whole, and so is one beyond the incidents that were
bought, where a price of such a case was agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from entitlements.access.checks.follow_ups import first_case
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.billing.work.terms import ChargedCase
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.ledger.entries import EntryKind, GrantShare, Reserve
from entitlements.engine.statements.sold_lines import SoldLine
from entitlements.kernel.instants import to_micros
from entitlements.kernel.money.money import Money

_RETURNED: Final = frozenset({EntryKind.VOID, EntryKind.EXPIRE, EntryKind.GIVE_BACK})


def charged_cases(account: Account, lines: Iterable[SoldLine]) -> Iterator[ChargedCase]:
    """Yield the cases of an account under its lines.

    A case is a follow-up if it was opened within the warranty of the first case that it follows.
    It is paid as a whole if incidents were taken for it, or beyond those if that has a price, and
    the customer agreed to overage if its reservation says so.
    """
    by_id = {each.id: each for each in account.cases}
    sold = {each.key: each for each in lines}
    for case in account.cases:
        line = sold.get((case.contract, case.line))
        if line is None:
            continue
        first = _first(case, by_id, line)
        paid, over = _incidents(account, case.id)
        if over and _incident_price(line, case) is not None:
            paid = (*paid, *over)
        yield ChargedCase(
            id=case.id,
            contract=case.contract,
            line=case.line,
            follow_up_of=None if first is None else first.id,
            prepaid_by=paid[0].grant if paid else None,
            consent=_agreed(account, case.id),
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


def incident_lines(account: Account, lines: Iterable[SoldLine]) -> Iterator[ChargeLine]:
    """Yield a line for each case beyond the incidents that were bought, where that has a price.

    The price is that of the terms in which the case was opened, and is charged then.
    """
    sold = {each.key: each for each in lines}
    for case in account.cases:
        line = sold.get((case.contract, case.line))
        price = None if line is None else _incident_price(line, case)
        if price is None:
            continue
        for share in _incidents(account, case.id)[1]:
            yield ChargeLine(
                kind=LineKind.OVERAGE,
                reason=LineReason.GRANTS_USED_UP,
                contract=case.contract,
                line=case.line,
                source=case.id,
                start=case.opened,
                end=case.opened,
                charged_at=case.opened,
                amount=(price * share.overage).rounded(),
                case=case.id,
                unit=Unit.INCIDENTS,
                units=share.overage,
                grant=share.grant,
            )


def _incident_price(line: SoldLine, case: OpenCase) -> Money | None:
    agreed = line.at(to_micros(case.opened)).agreed
    return None if agreed is None else agreed.rules.overage_incident


def _agreed(account: Account, case: str) -> bool:
    """Return whether the customer agreed to overage for a case."""
    entry = account.ledger.find(case)
    if entry is None or entry.refusal is not None:
        return False
    return isinstance(entry.command, Reserve) and entry.command.consent


def _incidents(
    account: Account, case: str
) -> tuple[tuple[GrantShare, ...], tuple[GrantShare, ...]]:
    """Return what was taken for a case as incidents, and what was taken beyond the grants."""
    entry = account.ledger.find(case)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        return (), ()
    returned = any(each.kind in _RETURNED for each in account.ledger.entries_about(case))
    if entry.command.unit is not Unit.INCIDENTS or returned:
        return (), ()
    paid = tuple(each for each in entry.shares if each.amount)
    return paid, tuple(each for each in entry.shares if each.overage)
