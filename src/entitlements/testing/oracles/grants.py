"""What became of one grant? The rules of the ledger, one event after the other, no shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import attrs

from entitlements.contracts.allowances.allowance import OveragePolicy
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import GrantShare


@attrs.define
class Story:
    """What became of one grant by some instant."""

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


# From taking to coming back.
Stretch: TypeAlias = tuple[datetime, datetime]
# When; time before deeds; which of them first; what it does.
Event: TypeAlias = tuple[datetime, int, int, Callable[[Story], None]]


def begin(story: Story, grant: Grant) -> None:
    """The units are there, unless they were withdrawn before."""
    story.granted += grant.amount
    if story.withdrawn:
        story.voided += grant.amount
    else:
        story.left += grant.amount


def reset(story: Story, grant: Grant) -> None:
    """The rest is cut to the most that rolls over, or filled up to the least."""
    if grant.rollover is None or story.withdrawn:
        return
    while story.left > grant.rollover.most:
        story.left, story.expired = story.left - 1, story.expired + 1
    while story.left < grant.rollover.least:
        story.left, story.granted = story.left + 1, story.granted + 1


def expire(story: Story) -> None:
    """The rest is lost."""
    story.left, story.expired = 0, story.expired + story.left


def hold(story: Story, grant: Grant, share: GrantShare) -> None:
    """A share is held."""
    story.left -= share.amount
    story.held += share.amount
    story.overage += share.overage
    story.broken |= grant.over_use is OveragePolicy.REFUSE and story.overage > 0
    story.broken |= grant.cap is not None and story.overage > grant.cap


def release(
    story: Story, grant: Grant, share: GrantShare, used: tuple[GrantShare, ...], span: Stretch
) -> None:
    """A hold that began at the start of `span` is over at its end; `used` stays taken."""
    use = GrantShare(share.grant, 0)
    for each in used:
        if each.grant == share.grant:
            use = each
    story.held -= share.amount
    story.used += use.amount
    story.overage -= share.overage - use.overage
    _come_back(story, grant, share.amount - use.amount, span)


def give_back(story: Story, grant: Grant, share: GrantShare, span: Stretch) -> None:
    """Used units, taken at the start of `span`, are returned at its end."""
    story.used -= share.amount
    story.overage -= share.overage
    _come_back(story, grant, share.amount, span)


def _come_back(story: Story, grant: Grant, count: int, span: Stretch) -> None:
    taken, at = span
    ended = grant.expires is not None and grant.expires <= at
    cut = grant.resets is not None and taken < grant.resets <= at
    if story.withdrawn:
        story.voided += count
    elif ended or cut:
        story.expired += count
    else:
        story.left += count


def adjust(story: Story, amount: int) -> None:
    """More is granted, or some of the rest is voided."""
    story.left += amount
    story.broken |= story.withdrawn
    if amount > 0:
        story.granted += amount
    else:
        story.voided -= amount


def withdraw(story: Story) -> None:
    """The rest is voided."""
    story.left, story.voided, story.withdrawn = 0, story.voided + story.left, True


def move(story: Story, count: int) -> None:
    """Units leave for another ledger."""
    story.left, story.moved = story.left - count, story.moved + count
