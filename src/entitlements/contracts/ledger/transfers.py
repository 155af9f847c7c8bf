"""How do units move from one ledger to another? As a pair of entries, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.contracts.ledger.entries import Entry, Issue, TransferUnits
from entitlements.contracts.ledger.ledger import Ledger, Posted, PostRefused
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.no_truth_value import NoTruthValue


@final
@attrs.frozen(kw_only=True)
class UnitsTransferred(NoTruthValue):
    """Both ledgers after a transfer, and the two entries that make it."""

    source: Ledger
    destination: Ledger
    given: Entry
    taken: Entry


def transfer_units(
    giver: Ledger,
    taker: Ledger,
    command: TransferUnits,
    at: datetime,
    *,
    pool: str | None = None,
) -> UnitsTransferred | PostRefused:
    """Move units that are left in a grant of `giver` into a new grant of `taker`.

    The new grant bears the command's key as its id, begins at the instant of the transfer and ends
    with the old one. Open holds stay where they began. A retry finds both entries and adds none.

    Args:
        giver: The ledger that has the grant.
        taker: Another ledger.
        command: Which grant and how much of it.
        at: The instant of the transfer: before it the units are the giver's.
        pool: Pool of the new grant; by default that of the old one.

    Raises:
        ConflictError: the key was used for something else in one of the ledgers.
        UnknownIdError: `giver` has no such grant.
        TransitionError: the grant is not in force at `at`.
    """
    outcome = giver.post(command, at)
    if isinstance(outcome, PostRefused):
        return outcome
    given = outcome.entry
    old = next(each for each in giver.grants if each.id == command.grant)
    after_reset = old.resets is not None and old.resets <= given.at
    new = attrs.evolve(
        old,
        id=command.key,
        amount=given.total,
        effective=given.at,
        pool=old.pool if pool is None else pool,
        resets=None if after_reset else old.resets,
        rollover=None if after_reset else old.rollover,
    )
    match taker.post(Issue(key=command.key, grant=new), given.at, recorded=_known(taker, given)):
        case Posted(ledger=after, entry=taken):
            return UnitsTransferred(
                source=outcome.ledger, destination=after, given=given, taken=taken
            )
        case PostRefused():
            raise ConflictError(f"key `{command.key}` was refused over there", field="key")


def _known(taker: Ledger, given: Entry) -> datetime:
    entries = taker.entries
    return max(given.recorded, entries[-1].recorded) if entries else given.recorded
