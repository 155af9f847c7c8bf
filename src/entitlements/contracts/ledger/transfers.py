"""Transfers of units from one ledger to another: a pair of entries, or none."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.contracts.ledger.entries import Entry, Issue, TransferUnits
from entitlements.contracts.ledger.ledger import Ledger, Posted, PostRefused
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.mixins.no_truth_value import NoTruthValue


@final
@attrs.frozen(kw_only=True)
class UnitsTransferred(NoTruthValue):
    """Both ledgers after a transfer, and its two entries.

    Attributes:
        source: The ledger from which units were moved.
        destination: The ledger that received them.
        given: The entry in `source`.
        taken: The entry in `destination`.
    """

    source: Ledger
    destination: Ledger
    given: Entry
    taken: Entry


def transfer_units(
    source: Ledger,
    destination: Ledger,
    command: TransferUnits,
    at: datetime,
    *,
    pool: str | None = None,
) -> UnitsTransferred | PostRefused:
    """Move units that are left in a grant of `source` to a new grant of `destination`.

    The new grant has the command's key as its id, begins at the instant of the transfer and ends
    with the old one. Open holds stay in `source`. A retry finds both entries and adds none.

    Args:
        source: The ledger that has the grant.
        destination: Another ledger.
        command: The grant and the number of units.
        at: The instant of the transfer; before it the units belong to `source`.
        pool: Pool of the new grant; by default that of the old one.

    >>> from entitlements.contracts import Grant
    >>> from entitlements.kernel import utc
    >>> now = utc("2026-01-01T00:00Z")
    >>> grant = Grant(id="g", unit="minutes", amount=60, effective=now)
    >>> command = TransferUnits(key="T-1", grant="g", to="blox", amount=20)
    >>> source = Ledger().post(Issue(grant=grant), now).ledger
    >>> moved = transfer_units(source, Ledger(), command, now)
    >>> moved.source.available("minutes", now), moved.destination.available("minutes", now)
    (40, 20)

    Raises:
        ConflictError: The key was used for another command in one of the ledgers.
        UnknownIdError: `source` has no such grant.
        TransitionError: The grant is not in force at `at`.
    """
    instance_of(Ledger, destination)
    result = instance_of(Ledger, source).post(instance_of(TransferUnits, command), at)
    if isinstance(result, PostRefused):
        return result
    given = result.entry
    old = next(each for each in source.grants if each.id == command.grant)
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
    issue, recorded = Issue(key=command.key, grant=new), _recorded(destination, given)
    match destination.post(issue, given.at, recorded=recorded):
        case Posted(ledger=after, entry=taken):
            return UnitsTransferred(
                source=result.ledger, destination=after, given=given, taken=taken
            )
        case PostRefused():
            raise ConflictError(
                f"key `{command.key}` was refused in the destination ledger", field="key"
            )


def _recorded(destination: Ledger, given: Entry) -> datetime:
    entries = destination.entries
    return max(given.recorded, entries[-1].recorded) if entries else given.recorded
