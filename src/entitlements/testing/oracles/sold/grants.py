"""Grant oracle: the totals of one grant, computed event by event without running totals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import attrs

from entitlements.contracts.allowances.allowance import OveragePolicy
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import GrantShare


@attrs.define
class NaiveGrant:
    """The totals of one grant at an instant."""

    granted: int = 0
    left: int = 0
    held: int = 0
    used: int = 0
    expired: int = 0
    voided: int = 0
    moved: int = 0
    overage: int = 0
    withdrawn: bool = False
    broken: bool = False


# From taking to returning.
TakenSpan: TypeAlias = tuple[datetime, datetime]
# Instant; time before commands; their order; effect.
Event: TypeAlias = tuple[datetime, int, int, Callable[[NaiveGrant], None]]


def begin(state: NaiveGrant, grant: Grant) -> None:
    """Add the units of a grant that begins, unless it was withdrawn before."""
    state.granted += grant.amount
    if state.withdrawn:
        state.voided += grant.amount
    else:
        state.left += grant.amount


def reset(state: NaiveGrant, grant: Grant) -> None:
    """Cut the rest to the maximum that rolls over, or raise it to the minimum."""
    if grant.rollover is None or state.withdrawn:
        return
    while state.left > grant.rollover.at_most:
        state.left, state.expired = state.left - 1, state.expired + 1
    while state.left < grant.rollover.at_least:
        state.left, state.granted = state.left + 1, state.granted + 1


def expire(state: NaiveGrant) -> None:
    """Expire the rest."""
    state.left, state.expired = 0, state.expired + state.left


def hold(state: NaiveGrant, share: GrantShare) -> None:
    """Hold a share."""
    state.left -= share.amount
    state.held += share.amount
    state.overage += share.overage


def is_broken(state: NaiveGrant, grant: Grant) -> bool:
    """Return whether more is taken than there is."""
    over = grant.over_use is OveragePolicy.REFUSE and state.overage > 0
    return over or state.left < 0 or (grant.cap is not None and state.overage > grant.cap)


def release(
    state: NaiveGrant,
    grant: Grant,
    share: GrantShare,
    used: tuple[GrantShare, ...],
    span: TakenSpan,
) -> None:
    """Resolve a hold, which began at the start of `span`, at its end; `used` stays taken."""
    use = GrantShare(share.grant, 0)
    for each in used:
        if each.grant == share.grant:
            use = each
    state.held -= share.amount
    state.used += use.amount
    state.overage -= share.overage - use.overage
    _return_units(state, grant, share.amount - use.amount, span)


def give_back(state: NaiveGrant, grant: Grant, share: GrantShare, span: TakenSpan) -> None:
    """Return used units, taken at the start of `span`, at its end."""
    state.used -= share.amount
    state.overage -= share.overage
    _return_units(state, grant, share.amount, span)


def _return_units(state: NaiveGrant, grant: Grant, count: int, span: TakenSpan) -> None:
    taken, at = span
    ended = grant.expires is not None and grant.expires <= at
    cut = grant.resets is not None and taken < grant.resets <= at
    if state.withdrawn:
        state.voided += count
    elif ended or cut:
        state.expired += count
    else:
        state.left += count


def adjust(state: NaiveGrant, amount: int) -> None:
    """Grant more, or void some of the rest."""
    state.left += amount
    state.broken |= state.withdrawn
    if amount > 0:
        state.granted += amount
    else:
        state.voided -= amount


def withdraw(state: NaiveGrant) -> None:
    """Void the rest."""
    state.broken |= state.left < 0
    state.left, state.voided, state.withdrawn = 0, state.voided + state.left, True


def move(state: NaiveGrant, count: int) -> None:
    """Move units to another ledger."""
    state.left, state.moved = state.left - count, state.moved + count
