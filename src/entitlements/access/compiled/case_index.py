"""Cases of one account: open cases of each contract line, and follow-ups."""

from __future__ import annotations

from datetime import timedelta
from typing import final

from entitlements.access.checks.follow_ups import first_case, followed
from entitlements.access.checks.open_cases import is_closed
from entitlements.access.promise import Entitlement
from entitlements.contracts.account import Account, AccountPart, OpenCase
from entitlements.contracts.ledger.counted_cases import LineKey
from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.kernel.requests import Request


@final
class CaseIndex:
    """The cases of one account, as decisions ask about them.

    Args:
        account: The customer's records.
    """

    __slots__ = ("_account",)

    def __init__(self, account: Account) -> None:
        self._account = account

    def open_cases(self, line: LineKey, request: Request, at: int) -> int:
        """Return how many cases of a contract line, other than the request's own, are open at `at`.

        Every case that is not closed at `at` counts, also one that was opened later: of two
        admissions, the one that is recorded second is refused, whatever their clocks say.
        """
        count = self._account.cases.count_open(line, at)
        own = self._account.cases.get(request.id)
        if own is not None and (own.contract, own.line) == line and not is_closed(own, at):
            count -= 1
        return count

    def next_closing(self, line: LineKey, at: int) -> int | None:
        """Return the first instant after `at` at which a case of the line was closed, or None."""
        return self._account.cases.next_closing(line, at)

    def followed(self, request: Request, promise: Entitlement) -> OpenCase | None:
        """Return the case of the same line and product that a request follows, or None."""
        if AccountPart.CASES in self._account.unknown:
            return None
        return followed(self._account.cases, request, promise)

    def warranty(
        self, request: Request, promise: Entitlement, length: timedelta
    ) -> tuple[int, int] | None:
        """Return from when to when a follow-up is free; None where it never is."""
        case = self.followed(request, promise)
        first = None if case is None else first_case(self._account.cases, case, length)
        if first is None or first.resolved is None:
            return None
        resolved = to_micros(first.resolved)
        return resolved, resolved + length // MICROSECOND
