"""Items set aside after a failure, and when each is tried again.

A case, an account, a work item or a group that fails is skipped for a minute, then for twice as
long each time, up to an hour, so that all others go on. A message is written about each failure.
Only this process knows what is set aside; every other process fails once by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc
from entitlements.kernel.mixins.text_enum import TextEnum

FIRST_WAIT: Final = timedelta(minutes=1)
MAX_WAIT: Final = timedelta(hours=1)
MAX_ASIDE: Final = 10_000
MAX_MESSAGE: Final = 500


class ItemKind(TextEnum):
    """The kinds of items that can be set aside."""

    CASE = "case"
    ACCOUNT = "account"
    WORK = "work"
    GROUP = "group"


def _kind(value: str) -> ItemKind:
    return enum_member(ItemKind, value)


@final
@attrs.frozen(kw_only=True)
class Failure:
    """An item that failed and is set aside.

    Attributes:
        kind: The kind of item.
        id: Id of the item; for an account, the customer.
        reason: Stable code of the error.
        message: Message of the error, at most 500 characters.
        tries: How often it has failed in succession.
        again: First instant at which it is tried again.
    """

    kind: ItemKind = attrs.field(converter=_kind)
    id: str
    reason: str
    message: str
    tries: int
    again: datetime = attrs.field(converter=utc)


@final
class Failures:
    """Items that one process has set aside for one tenant, at most 10,000; the oldest go first.

    >>> from entitlements.kernel.instants import utc
    >>> nine, failures = utc("2026-03-02T09:00Z"), Failures()
    >>> failures.note(ItemKind.CASE, "R-1", EntitlementsError("no"), nine).again - nine
    datetime.timedelta(seconds=60)
    >>> failures.aside(ItemKind.CASE, nine)
    frozenset({'R-1'})
    """

    __slots__ = ("_failures",)

    def __init__(self) -> None:
        self._failures: dict[tuple[ItemKind, str], Failure] = {}

    def __len__(self) -> int:
        return len(self._failures)

    def note(self, kind: ItemKind, id: str, error: EntitlementsError, at: datetime) -> Failure:
        """Set an item aside, for twice as long as the last time."""
        before = self._failures.pop((kind, id), None)
        tries = 1 if before is None else before.tries + 1
        wait = min(FIRST_WAIT * 2 ** min(tries - 1, 10), MAX_WAIT)
        failure = Failure(
            kind=kind,
            id=id,
            reason=error.code,
            message=str(error)[:MAX_MESSAGE],
            tries=tries,
            again=at + wait,
        )
        if len(self._failures) >= MAX_ASIDE:
            del self._failures[next(iter(self._failures))]
        self._failures[kind, id] = failure
        return failure

    def clear(self, kind: ItemKind, id: str) -> None:
        """Remove an item that has succeeded."""
        self._failures.pop((kind, id), None)

    def clear_expired(self, kind: ItemKind, at: datetime) -> None:
        """Remove items of a kind that were tried again at `at` and did not fail."""
        for each in [*self._failures.values()]:
            if each.kind is kind and each.again <= at:
                self.clear(kind, each.id)

    def aside(self, kind: ItemKind, at: datetime) -> frozenset[str]:
        """Return the ids of items of a kind that are not tried yet at `at`."""
        return frozenset(
            each.id for each in self._failures.values() if each.kind is kind and at < each.again
        )
