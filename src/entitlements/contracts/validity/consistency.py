"""Consistency: whether the records of one account contradict each other.

It is checked when a record is added, so that a decision can be made at any instant. Only the latest
record of each id is checked, because it may correct an earlier one that did not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    Cancellation,
    Change,
    NonRenewalNotice,
    Renewal,
    Transfer,
)
from entitlements.contracts.records.contract import Contract, check_contact_limit
from entitlements.contracts.records.parties import Delegation
from entitlements.contracts.validity.delegation_cycles import check_delegation_cycles
from entitlements.contracts.validity.term_extensions import term_extensions
from entitlements.contracts.validity.terms import check_terms
from entitlements.kernel.errors import ConflictError, LimitExceededError

MAX_HISTORY_STEPS: Final = 2_000_000


def check_consistency(
    contracts: Iterable[Contract], changes: Iterable[Change], delegations: Iterable[Delegation]
) -> None:
    """Raise if the latest records of an account contradict each other.

    Raises:
        InvalidValueError: An amended line has a contact limit, and the contract admits anybody.
        ConflictError: Terms of a contract overlap, a renewal follows an open end, two transfers
            are at one instant, two amendments change one line on one day, notice is given of a
            contract that does not renew by itself, or delegations run in a circle. Both
            records are named.
        LimitExceededError: A renewal ends outside the years 2 to 9997, or too many lines have
            separate changes while too many changes apply to all of them.
    """
    check_delegation_cycles(delegations)
    shared: list[Change] = []
    by_contract: dict[str, list[Change]] = {}
    for change in changes:
        if change.contract is None:
            shared.append(change)
        else:
            by_contract.setdefault(change.contract, []).append(change)
    all_contracts, extensions = list(contracts), term_extensions(shared)
    _check_history_steps(all_contracts, shared, by_contract)
    for contract in all_contracts:
        mine = by_contract.get(contract.id)
        if mine is None:
            continue
        if any(isinstance(each, Renewal) for each in mine):
            check_terms(contract, mine, extensions)
        _check_notices(contract, mine)
        _check_transfers(mine)
        _check_amendments(contract, mine)


def check_holders(customer: str, contracts: Iterable[Contract], changes: Iterable[Change]) -> None:
    """Raise `ConflictError` if a contract is another customer's and no transfer brings it here."""
    transferred = {x.contract for x in changes if isinstance(x, Transfer) and x.to == customer}
    for contract in contracts:
        if contract.customer != customer and contract.id not in transferred:
            raise ConflictError(
                f"contract `{contract.id}` belongs to customer `{contract.customer}`, "
                f"and no transfer brings it to `{customer}`",
                field="customer",
                hint="record it together with its transfer",
            )


def _check_history_steps(
    contracts: Iterable[Contract], shared: Iterable[Change], by_contract: Mapping[str, list[Change]]
) -> None:
    """Raise `LimitExceededError` if the histories of all lines have too many steps together.

    A change of all lines is a step in the history of each line that has separate changes, and one
    step in the history that the other lines share.
    """
    shared_steps, total = sum(map(_step_count, shared)), 0
    for contract in contracts:
        mine = by_contract.get(contract.id, [])
        steps = shared_steps + sum(map(_step_count, mine))
        own = {line.id for line in contract.lines if line.start or line.end}
        for each in mine:
            match each:
                case Amendment(lines=lines, removed=removed):
                    own |= {line.id for line in lines} | removed
                case Block(line=str(line)):
                    own.add(line)
                case Block() | Renewal() | NonRenewalNotice() | Transfer() | Cancellation():
                    pass
        total += steps * (1 + len(own))
    if total > MAX_HISTORY_STEPS:
        raise LimitExceededError(
            f"the histories of all lines have {total} steps, more than {MAX_HISTORY_STEPS}",
            hint="move old blocks, contact lists and transfers to another account",
        )


def _step_count(change: Change) -> int:
    """Return the number of instants at which a change may affect all lines of a contract."""
    match change:
        case Block(line=None, end=end):
            return 1 if end is None else 2
        case Amendment(contacts=contacts):
            return 0 if contacts is None else 1
        case Transfer():
            return 1
        case Block() | Renewal() | NonRenewalNotice() | Cancellation():
            return 0


def _check_notices(contract: Contract, changes: Iterable[Change]) -> None:
    for each in changes:
        if isinstance(each, NonRenewalNotice) and contract.renewal is None:
            raise ConflictError(
                f"notice `{each.id}` is about contract `{contract.id}`, "
                "which does not renew by itself",
                field="contract",
                hint="record a cancellation, or give the contract a `renewal`",
            )


def _check_transfers(changes: Iterable[Change]) -> None:
    seen: dict[datetime, str] = {}
    for each in changes:
        if isinstance(each, Transfer) and seen.setdefault(each.at, each.id) != each.id:
            raise ConflictError(
                f"transfers `{seen[each.at]}` and `{each.id}` are at one instant", field="at"
            )


def _check_amendments(contract: Contract, changes: Iterable[Change]) -> None:
    seen: dict[tuple[date, str], str] = {}
    for each in changes:
        if not isinstance(each, Amendment):
            continue
        for added in each.lines:
            check_contact_limit(contract, added)
        for line in sorted({*(line.id for line in each.lines), *each.removed}):
            other = seen.setdefault((each.effective, line), each.id)
            if other != each.id:
                raise ConflictError(
                    f"amendments `{other}` and `{each.id}` change line `{line}` on one day",
                    field="effective",
                )
