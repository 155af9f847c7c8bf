"""Do the facts of one account fit together? Asked when a fact is taken in, not when it is used.

Whatever passes here can be decided from at any instant. Each check is about the records that hold
now, since a later record may have corrected an earlier one that did not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from entitlements.contracts.changes import (
    Amendment,
    Block,
    Cancellation,
    Change,
    Renewal,
    Transfer,
)
from entitlements.contracts.contract import Contract, check_contact_limit
from entitlements.contracts.parties import Delegation
from entitlements.contracts.validity.delegation_cycles import check_delegation_cycles
from entitlements.contracts.validity.terms import check_terms, term_extensions
from entitlements.kernel.errors import ConflictError, LimitExceededError

MAX_HISTORY_STEPS: Final = 2_000_000


def check_consistency(
    contracts: Iterable[Contract], changes: Iterable[Change], delegations: Iterable[Delegation]
) -> None:
    """Refuse facts that contradict each other; of every record, the one that holds is given.

    Raises:
        InvalidValueError: An amended line buys named contacts where anybody is admitted.
        ConflictError: Terms of a contract overlap, a renewal follows an open end, two transfers
            are at one instant, two amendments change one line on one day, or delegations run in a
            circle. Both facts are named.
        LimitExceededError: A renewal ends outside the years 2 to 9997, or too many lines change by
            themselves while too much changes for all of them.
    """
    check_delegation_cycles(delegations)
    shared: list[Change] = []
    of: dict[str, list[Change]] = {}
    for change in changes:
        if change.contract is None:
            shared.append(change)
        else:
            of.setdefault(change.contract, []).append(change)
    every, pauses = list(contracts), term_extensions(shared)
    _check_extent(every, shared, of)
    for contract in every:
        mine = of.get(contract.id)
        if mine is None:
            continue
        if any(isinstance(each, Renewal) for each in mine):
            check_terms(contract, mine, pauses)
        _check_transfers(mine)
        _check_amendments(contract, mine)


def check_holders(customer: str, contracts: Iterable[Contract], changes: Iterable[Change]) -> None:
    """Refuse contracts that another customer signed and that no transfer brings to this one.

    Raises:
        ConflictError: There is one.
    """
    brought = {x.contract for x in changes if isinstance(x, Transfer) and x.to == customer}
    for contract in contracts:
        if contract.customer != customer and contract.id not in brought:
            raise ConflictError(
                f"contract `{contract.id}` is of customer `{contract.customer}`, and no transfer "
                f"brings it to `{customer}`",
                field="customer",
                hint="record it together with its transfer",
            )


def _check_extent(
    contracts: Iterable[Contract], shared: Iterable[Change], of: Mapping[str, list[Change]]
) -> None:
    """Refuse lines whose histories, told one by one, would be too long together.

    What changes for all lines is told of each line that has dates of its own, and once of the rest.
    """
    everywhere, total = sum(map(_edges, shared)), 0
    for contract in contracts:
        mine = of.get(contract.id, [])
        edges = everywhere + sum(map(_edges, mine))
        own = {line.id for line in contract.lines if line.start or line.end}
        for each in mine:
            match each:
                case Amendment(lines=lines, removed=removed):
                    own |= {line.id for line in lines} | removed
                case Block(line=str(line)):
                    own.add(line)
                case Block() | Renewal() | Transfer() | Cancellation():
                    pass
        total += edges * (1 + len(own))
    if total > MAX_HISTORY_STEPS:
        raise LimitExceededError(
            f"lines and what changes for all of them make {total} steps, more than {MAX_HISTORY_STEPS}",
            hint="end blocks, lists of contacts and transfers that are over in another account",
        )


def _edges(change: Change) -> int:
    """Return at how many instants a change may change all lines of a contract."""
    match change:
        case Block(line=None, end=end):
            return 1 if end is None else 2
        case Amendment(contacts=contacts):
            return 0 if contacts is None else 1
        case Transfer():
            return 1
        case Block() | Renewal() | Cancellation():
            return 0


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
