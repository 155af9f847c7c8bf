"""Consumption: which grants pay for which work, folded in the order in which it was done.

The instant of the work decides, not the instant at which it was written down. So a log that comes
late is folded in its place, and everything after it is paid for again.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Final, final

from entitlements.billing.work.charging.pieces import Piece
from entitlements.billing.work.terms import WorkTerms
from entitlements.billing.work.work_rules import OveragePayment
from entitlements.contracts.allowances.allowance import OveragePolicy
from entitlements.contracts.allowances.grants import Grant, consumption_key
from entitlements.kernel.instants import END_OF_TIME, MINUTE, micros_or_end, to_micros

_NO_FACTOR: Final = Fraction(1)


@final
@dataclass(slots=True)
class Paid:
    """A part of a piece, and what pays for it.

    Attributes:
        piece: The piece.
        billed: The time of this part.
        grant: The grant that pays, or that was overdrawn; None for neither.
        units: The minutes taken from the grant.
        is_overage: Whether the minutes go beyond the grant.
    """

    piece: Piece
    billed: int
    grant: str | None = None
    units: int = 0
    is_overage: bool = False


@final
class _Balance:
    """What is left of one grant while work is folded."""

    __slots__ = (
        *("_refuses", "effective", "expires", "grant", "key", "left", "overdrawn", "resets"),
    )

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.key = consumption_key(grant)
        self.effective = to_micros(grant.effective)
        self.expires = micros_or_end(grant.expires)
        self.resets = END_OF_TIME if grant.resets is None else to_micros(grant.resets)
        self._refuses = grant.over_use is OveragePolicy.REFUSE
        self.left = grant.amount
        self.overdrawn = 0

    @property
    def next_end(self) -> int:
        """When its units are cut or it ends, whichever comes first."""
        return min(self.resets, self.expires)

    def reset(self, at: int) -> None:
        """Cut the units where they reset, if that has come."""
        if at >= self.resets:
            if self.grant.rollover is not None:
                self.left = self.grant.rollover.kept(self.left)
            self.resets = END_OF_TIME

    @property
    def is_used_up(self) -> bool:
        """Whether it pays for nothing now, not even beyond its units."""
        return not self.left and self._refuses

    def take(self, units: int) -> int:
        """Take up to `units`, and return how many were taken."""
        taken = min(units, self.left)
        self.left -= taken
        return taken

    def overdraw(self, units: int, *, consent: bool) -> int:
        """Take up to `units` beyond the grant, as its policy allows, and return how many."""
        taken = min(units, self._room(units, consent=consent))
        self.overdrawn += taken
        return taken

    def _room(self, units: int, *, consent: bool) -> int:
        match self.grant.over_use:
            case OveragePolicy.REFUSE:
                return 0
            case OveragePolicy.ALLOW_WITH_CONSENT:
                return units if consent else 0
            case OveragePolicy.CAP:
                return (self.grant.cap or 0) - self.overdrawn


@final
class _Parts:
    """One piece while its time is given to grants, first to last.

    Time is counted as prepaid time and exactly, because a part of a microsecond that is lost
    between two grants could cost a whole minute.

    Args:
        piece: The piece.
        factor: Prepaid minutes that a minute of the work takes.
    """

    def __init__(self, piece: Piece, factor: Fraction) -> None:
        self._piece = piece
        self._factor = factor
        self._whole = piece.billed * factor.numerator
        self._needed: Fraction | int = self._whole
        self._minute = MINUTE * factor.denominator
        self._open = piece.billed
        self._found: list[Paid] = []
        group = piece.group
        if group.paid_ahead and group.last_grant is not None and self._needed:
            ahead = min(Fraction(group.paid_ahead * factor.denominator), Fraction(self._needed))
            group.paid_ahead -= ahead / factor.denominator
            self._add(group.last_grant, ahead, 0, is_overage=False)

    @property
    def is_complete(self) -> bool:
        """Whether all of the time is given away."""
        return not self._needed

    def prepay(self, balance: _Balance) -> None:
        """Take what is left from a grant, in whole minutes."""
        self._use(balance.grant.id, balance.take(self._minutes()), is_overage=False)

    def overdraw(self, balance: _Balance, *, consent: bool) -> None:
        """Take what its policy allows beyond a grant, in whole minutes."""
        taken = balance.overdraw(self._minutes(), consent=consent)
        self._use(balance.grant.id, taken, is_overage=True)

    def finish(self) -> list[Paid]:
        """Return the parts; the last one has the time that no grant pays for."""
        if self._needed or not self._found:
            self._found.append(Paid(self._piece, self._open))
        return self._found

    def _minutes(self) -> int:
        """Return the whole minutes that the rest of the piece takes."""
        return -(-self._needed // self._minute)

    def _use(self, grant: str, units: int, *, is_overage: bool) -> None:
        if not units:
            return
        time, group = units * self._minute, self._piece.group
        if time >= self._needed and not is_overage:
            more = time - self._needed
            group.paid_ahead = Fraction(more, self._factor.denominator) if more else 0
            group.last_grant = grant
        self._add(grant, min(time, self._needed), units, is_overage=is_overage)

    def _add(self, grant: str, time: Fraction | int, units: int, *, is_overage: bool) -> None:
        """Add a part; its billed time is what is paid so far, less what was paid before."""
        self._needed -= time
        paid = (self._whole - self._needed) // self._factor.numerator
        billed = paid - (self._piece.billed - self._open)
        self._open -= billed
        self._found.append(Paid(self._piece, billed, grant, units, is_overage))


@final
class GrantFold:
    """The grants of one contract line, and what they have paid for so far.

    Args:
        grants: The grants of all terms of the line.
    """

    def __init__(self, grants: Iterable[Grant]) -> None:
        balances = (_Balance(each) for each in grants)
        self._coming = sorted(balances, key=lambda each: (each.effective, each.key), reverse=True)
        self._begun: list[_Balance] = []
        self._next_end = END_OF_TIME
        self._owed: list[Paid] = []
        self._is_used_up = True  # until a grant begins
        self.paid: list[Paid] = []

    def pay(self, piece: Piece) -> None:
        """Add the parts of a piece by what pays for them; pieces come in order of their start."""
        at = piece.start
        if self._coming and self._coming[-1].effective <= at:
            self._begin_grants(at)
        if at >= self._next_end:
            self._end_grants(at)
        if self._is_used_up and not (piece.group.paid_ahead and self._begun):
            self.paid.append(Paid(piece, piece.billed))
            return
        parts = _Parts(piece, piece.terms.unit_factors.get(piece.log.kind, _NO_FACTOR))
        for balance in self._begun:
            if parts.is_complete:
                break
            if balance.left:
                parts.prepay(balance)
        for balance in self._begun:
            if parts.is_complete:
                break
            parts.overdraw(balance, consent=piece.case.consent)
        found = parts.finish()
        self._look_for_units()
        if piece.terms.overage is OveragePayment.NEXT_GRANT:
            self._owed += [each for each in found if each.is_overage]
        self.paid += found

    def _look_for_units(self) -> None:
        self._is_used_up = all(each.is_used_up for each in self._begun)

    def _begin_grants(self, at: int) -> None:
        """Begin the grants that are effective by `at`; they may pay for earlier overage first."""
        while self._coming and self._coming[-1].effective <= at:
            balance = self._coming.pop()
            self._settle(balance)
            insort(self._begun, balance, key=lambda each: each.key)
        self._next_end = min(each.next_end for each in self._begun)
        self._look_for_units()

    def _end_grants(self, at: int) -> None:
        """Cut the grants that have reset by `at`, and end those that have expired."""
        for each in self._begun:
            each.reset(at)
        self._begun = [each for each in self._begun if at < each.expires]
        self._next_end = min((each.next_end for each in self._begun), default=END_OF_TIME)
        self._look_for_units()

    def _settle(self, balance: _Balance) -> None:
        """Let a grant pay for what is owed, the oldest first, as far as it has units."""
        owed: list[Paid] = []
        for each in self._owed:
            units = balance.take(each.units)
            if units < each.units:
                owed.append(each if not units else self._split(each, units))
            if units:
                each.grant, each.is_overage = balance.grant.id, False
        self._owed = owed

    def _split(self, paid: Paid, units: int) -> Paid:
        """Leave only some units to a part, and return the part with the rest."""
        billed = paid.billed * units // paid.units
        rest = Paid(paid.piece, paid.billed - billed, paid.grant, paid.units - units)
        rest.is_overage = True
        paid.billed, paid.units = billed, units
        self.paid.append(rest)
        return rest


def consumption(pieces: Iterable[Piece], terms: Iterable[WorkTerms]) -> list[Paid]:
    """Return what pays for each piece; free pieces are paid for by nothing.

    They are paid for in the order of their own start: a piece after midnight of a long log may
    begin later than the log after it.

    Args:
        pieces: Rounded pieces, in the order of their logs.
        terms: The terms of all contract lines.
    """
    grants: dict[tuple[str, str], dict[str, Grant]] = {}
    for each in terms:
        grants.setdefault(each.key, {}).update((grant.id, grant) for grant in each.grants)
    folds = {key: GrantFold(own.values()) for key, own in grants.items()}
    free: list[Paid] = []
    for piece in sorted(pieces, key=attrgetter("start")):
        if piece.is_free:
            free.append(Paid(piece, piece.billed))
        else:
            folds[piece.terms.key].pay(piece)
    return [*free, *(paid for fold in folds.values() for paid in fold.paid)]
