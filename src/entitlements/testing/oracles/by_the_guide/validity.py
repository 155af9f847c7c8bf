"""Until when an answer holds: asked again at every instant at which something could change.

Nothing is known here of what an answer depends on. Whatever a record says begins or ends at an
instant that the record states, or on the hour or half hour of some clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, TypeVar

import attrs

from entitlements.contracts.account import Account
from entitlements.kernel.instants import MINUTE, to_micros

Answer = TypeVar("Answer")
HALF_HOUR: Final = 30 * MINUTE


def instants_to_ask(account: Account, after: int, until: int) -> list[int]:
    """Return every half hour between two instants, and all later ones that the records state.

    Days, hours and cycles are looked at up to `until`, what a record states at any time. Clocks
    that change by other amounts, and seconds in hours, are not for this.
    """
    first = after - after % HALF_HOUR
    found = {*range(first, until, HALF_HOUR), *stated_instants(account)}
    return sorted(each for each in found if each > after)


def stated_instants(account: Account) -> Iterator[int]:
    """Yield each instant in the records of an account, wherever it is."""
    yield from _instants_in(account)
    yield from _instants_in(account.ledger.entries)
    yield from _instants_in(account.ledger.grants)


def first_other(ask: Callable[[int], Answer], after: int, instants: Iterable[int]) -> int | None:
    """Return the first of the instants at which the answer is not the one at `after`, or None.

    >>> first_other(lambda at: at // 10, 3, [5, 9, 10, 11])
    10
    """
    now = ask(after)
    return next((each for each in instants if ask(each) != now), None)


def _instants_in(value: object) -> Iterator[int]:
    kind = type(value)
    if isinstance(value, datetime):
        yield to_micros(value)
    elif attrs.has(kind):
        for field in attrs.fields(kind):
            yield from _instants_in(getattr(value, field.name))
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from _instants_in(each)
