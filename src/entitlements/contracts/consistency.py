"""Do the facts of one account fit together? Asked when a fact is taken in, not when it is used.

Whatever passes here can be decided from at any instant. Each check is about the records that hold
now, since a later record may have corrected an earlier one that did not fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from entitlements.contracts.changes import Amendment, Block, Change, Renewal, Transfer
from entitlements.contracts.circles import check_circles
from entitlements.contracts.contract import Contract
from entitlements.contracts.parties import Delegation
from entitlements.contracts.terms import check_terms
from entitlements.kernel.errors import ConflictError


def check_consistency(
    contracts: Iterable[Contract], changes: Iterable[Change], delegations: Iterable[Delegation]
) -> None:
    """Refuse facts that contradict each other; of every record, the one that holds is given.

    Raises:
        ConflictError: Terms of a contract overlap, a renewal follows an open end, two transfers
            are at one instant, two amendments change one line on one day, or delegations run in a
            circle. Both facts are named.
        LimitExceededError: A renewal ends outside the years 2 to 9997.
    """
    check_circles(delegations)
    shared: list[Change] = []
    of: dict[str, list[Change]] = {}
    for change in changes:
        if change.contract is None:
            shared.append(change)
        else:
            of.setdefault(change.contract, []).append(change)
    for contract in contracts:
        mine = of.get(contract.id)
        if mine is None:
            continue
        if any(isinstance(each, Renewal) for each in mine):
            check_terms(contract, [*mine, *(each for each in shared if isinstance(each, Block))])
        _check_transfers(mine)
        _check_amendments(mine)


def _check_transfers(changes: Iterable[Change]) -> None:
    seen: dict[datetime, str] = {}
    for each in changes:
        if isinstance(each, Transfer) and seen.setdefault(each.at, each.id) != each.id:
            raise ConflictError(
                f"transfers `{seen[each.at]}` and `{each.id}` are at one instant", field="at"
            )


def _check_amendments(changes: Iterable[Change]) -> None:
    seen: dict[tuple[date, str], str] = {}
    for each in changes:
        if not isinstance(each, Amendment):
            continue
        for line in sorted({*(line.id for line in each.lines), *each.removed}):
            other = seen.setdefault((each.effective, line), each.id)
            if other != each.id:
                raise ConflictError(
                    f"amendments `{other}` and `{each.id}` change line `{line}` on one day",
                    field="effective",
                )
