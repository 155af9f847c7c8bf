"""Grant state: the running totals of one grant, advanced from instant to instant.

It is mutable working state of the ledger, which copies it before each change. The effects of time
(a grant begins, is cut at its reset, expires; a hold ends) are applied by `advance`, before any
entry of the same instant. What was taken and returned at one instant was never taken, so whether a
grant has enough is judged after all entries of an instant.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Final, NamedTuple, final

import attrs

from entitlements.contracts.allowances.allowance import OveragePolicy
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.allowances.quantities import MAX_QUANTITY
from entitlements.contracts.ledger.shared_map import SharedMap
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME, micros_or_end, to_micros


class HeldUnits(NamedTuple):
    """Units of one hold, from its beginning to its end."""

    since: int
    until: int
    amount: int
    overage: int


@final
@attrs.define(eq=False)
class GrantState:
    """Totals of one grant at the instant `at`; all are zero until the grant begins.

    Attributes:
        was_overdrawn: Whether more was taken than there was, at an instant that is over.
        next: The first instant after `at` at which time changes the totals.
        overage_limit: The overage that the grant permits in all, with consent.
        unheld: Units that are neither held nor used.
    """

    grant: Grant
    since: int
    until: int
    reset: int
    overage_limit: int
    next: int
    at: int = START_OF_TIME
    granted: int = 0
    unheld: int = 0
    held: int = 0
    used: int = 0
    expired: int = 0
    voided: int = 0
    moved: int = 0
    overage: int = 0
    withdrawn: bool = False
    was_overdrawn: bool = False
    holds: SharedMap[str, HeldUnits] = attrs.field(factory=SharedMap)

    @classmethod
    def of(cls, grant: Grant) -> GrantState:
        """Return the state of a grant before it begins."""
        since = to_micros(grant.effective)
        limits = {OveragePolicy.REFUSE: 0, OveragePolicy.ALLOW_WITH_CONSENT: MAX_QUANTITY}
        return cls(
            grant=grant,
            since=since,
            until=micros_or_end(grant.expires),
            reset=micros_or_end(grant.resets),
            overage_limit=limits.get(grant.over_use, grant.cap or 0),
            next=since,
        )

    def copy(self) -> GrantState:
        """Return a copy whose totals and holds change independently of this one."""
        other = GrantState(*_VALUES(self))
        other.holds = self.holds.copy()
        return other

    @property
    def overdrawn(self) -> bool:
        """Whether more was ever taken than there was; possible for a plan that gave more then."""
        return self.was_overdrawn or self.unheld < 0 or self.overage > self.overage_limit

    @property
    def in_force(self) -> bool:
        """Whether units can be taken."""
        return self.since <= self.at < self.until and not self.withdrawn

    @property
    def available(self) -> int:
        """Units that can be taken now."""
        return max(self.unheld, 0) if self.since <= self.at < self.until else 0

    @property
    def overage_room(self) -> int:
        """Units of overage that can be taken now, with consent."""
        return self.overage_limit - self.overage if self.in_force else 0

    def advance(self, at: int) -> None:
        """Apply the effects of time up to and including `at`."""
        if at > self.at:
            self.was_overdrawn = self.overdrawn
        while self.next <= at:
            self.at = self.next
            self._apply_time(self.at)
            self._find_next_change()
        self.at = max(self.at, at)

    def hold(self, key: str, until: int, amount: int, overage: int) -> None:
        """Hold units from now to `until`."""
        self.holds.put(key, HeldUnits(self.at, until, amount, overage))
        self.unheld -= amount
        self.held += amount
        self.overage += overage
        self.next = min(self.next, until)

    def resolve(self, key: str, amount: int, overage: int) -> None:
        """Resolve a hold that has not ended: use `amount` and `overage` of it, return the rest."""
        held = self.holds.pop(key)
        if held is None:
            self.was_overdrawn = True
            return
        self.held -= held.amount
        self.used += amount
        self.overage -= held.overage - overage
        self._return_units(held.amount - amount, held.since)
        self._find_next_change()

    def give_back(self, amount: int, overage: int, since: int) -> None:
        """Return used units that were held from `since` on."""
        self.used -= amount
        self.overage -= overage
        self._return_units(amount, since)

    def adjust(self, amount: int) -> None:
        """Grant more units, or void some that are left if `amount` is negative."""
        self.unheld += amount
        self.granted += max(amount, 0)
        self.voided += max(-amount, 0)
        self.was_overdrawn = self.was_overdrawn or self.withdrawn

    def move(self, amount: int) -> None:
        """Move units to another ledger."""
        self.unheld -= amount
        self.moved += amount

    def withdraw(self) -> None:
        """Void the rest, and all units that are returned later."""
        self.was_overdrawn = self.was_overdrawn or self.unheld < 0
        self.withdrawn = True
        self.voided += self.unheld
        self.unheld = 0

    def _apply_time(self, at: int) -> None:
        if at == self.since:
            self._begin()
        if at == self.reset and at < self.until and not self.withdrawn:
            kept = self.grant.rollover.kept(self.unheld) if self.grant.rollover else 0
            self.expired += max(self.unheld - kept, 0)
            self.granted += max(kept - self.unheld, 0)
            self.unheld = kept
        if at == self.until:
            self.expired += self.unheld
            self.unheld = 0
        for key in [key for key, held in self.holds.items() if held.until == at]:
            held = self.holds.pop(key)
            assert held is not None  # noqa: S101 - it is one of them
            self.held -= held.amount
            self.overage -= held.overage
            self._return_units(held.amount, held.since)

    def _begin(self) -> None:
        self.granted += self.grant.amount
        if self.withdrawn:
            self.voided += self.grant.amount
        else:
            self.unheld += self.grant.amount

    def _return_units(self, amount: int, since: int) -> None:
        if self.withdrawn:
            self.voided += amount
        elif self.until <= self.at or since < self.reset <= self.at:
            self.expired += amount
        else:
            self.unheld += amount

    def _find_next_change(self) -> None:
        now = self.at
        ends = [each for each in (self.since, self.reset, self.until) if each > now]
        ends.extend(held.until for held in self.holds.values())
        self.next = min(ends, default=END_OF_TIME)


_VALUES: Final = attrgetter(*(each.name for each in attrs.fields(GrantState)))
