"""Cases of one account, compiled: open cases of each contract line, and follow-ups.

Most decisions need neither, so nothing is compiled before it is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from typing import final

from entitlements.access.checks.follow_ups import first_case, followed
from entitlements.access.checks.open_cases import CaseTimes, Place, count_cases, is_closed
from entitlements.access.promise import Entitlement
from entitlements.contracts.account import Account, AccountPart, OpenCase
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.kernel.requests import Request


@final
class CaseIndex:
    """The cases of one account by id and by contract line.

    Args:
        account: The customer's records.
    """

    __slots__ = ("_account", "_by_id", "_by_line")

    def __init__(self, account: Account) -> None:
        self._account = account
        self._by_id: dict[str, OpenCase] | None = None
        self._by_line: dict[Place, CaseTimes] | None = None

    def by_id(self) -> dict[str, OpenCase]:
        """Return the cases by id."""
        if self._by_id is None:
            self._by_id = {case.id: case for case in self._account.cases}
        return self._by_id

    def open_cases(self, place: Place, request: Request, at: int) -> int:
        """Return how many cases of a contract line, other than the request's own, are open at `at`.

        Every case that is not closed at `at` counts, also one that was opened later: of two
        admissions, the one that is recorded second is refused, whatever their clocks say.
        """
        known, closed = self._times(place)
        count = known - bisect_right(closed, at)
        own = self.by_id().get(request.id)
        if own is not None and (own.contract, own.line) == place and not is_closed(own, at):
            count -= 1
        return count

    def next_closing(self, place: Place, at: int) -> int | None:
        """Return the first instant after `at` at which a case of the line was closed, or None."""
        _, closed = self._times(place)
        index = bisect_right(closed, at)
        return closed[index] if index < len(closed) else None

    def followed(self, request: Request, promise: Entitlement) -> OpenCase | None:
        """Return the case of the same line and product that a request follows, or None."""
        if AccountPart.CASES in self._account.unknown:
            return None
        return followed(self.by_id(), request, promise)

    def warranty(
        self, request: Request, promise: Entitlement, length: timedelta
    ) -> tuple[int, int] | None:
        """Return from when to when a follow-up is free; None where it never is."""
        case = self.followed(request, promise)
        first = None if case is None else first_case(self.by_id(), case, length)
        if first is None or first.resolved is None:
            return None
        resolved = to_micros(first.resolved)
        return resolved, resolved + length // MICROSECOND

    def _times(self, place: Place) -> CaseTimes:
        if self._by_line is None:
            self._by_line = count_cases(self.by_id().values())
        return self._by_line.get(place, (0, []))
