"""Items set aside: what failed in a sweep or a worker's round, and from when it is tried again.

A case, a piece of work or a group that fails is left alone for a minute, then for twice as long
each time, up to an hour, so that all others go on. Each failure is told in a message of its own.
Only this process knows what is set aside; another one finds out for itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc

FIRST_WAIT: Final = timedelta(minutes=1)
MAX_WAIT: Final = timedelta(hours=1)
MAX_ASIDE: Final = 10_000
MAX_MESSAGE: Final = 500


class ItemKind(StrEnum):
    """What can be set aside."""

    CASE = "case"
    WORK = "work"
    GROUP = "group"


def _kind(value: str) -> ItemKind:
    return enum_member(ItemKind, value)


@final
@attrs.frozen(kw_only=True)
class Failure:
    """An item that failed.

    Attributes:
        kind: What it is.
        id: Its id.
        reason: Stable code of the error.
        message: What the error says.
        tries: How often it has failed, one time after the other.
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
    """What one process has set aside for one tenant; the oldest are forgotten when there are many.

    >>> from entitlements.kernel.instants import utc
    >>> nine, failures = utc("2026-03-02T09:00Z"), Failures()
    >>> failures.note(ItemKind.CASE, "R-1", EntitlementsError("no"), nine).again - nine
    datetime.timedelta(seconds=60)
    >>> failures.aside(ItemKind.CASE, nine)
    frozenset({'R-1'})
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[ItemKind, str], Failure] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def note(self, kind: ItemKind, id: str, error: EntitlementsError, at: datetime) -> Failure:
        """Set an item aside, for longer than the last time."""
        before = self._kept.pop((kind, id), None)
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
        if len(self._kept) >= MAX_ASIDE:
            del self._kept[next(iter(self._kept))]
        self._kept[kind, id] = failure
        return failure

    def clear(self, kind: ItemKind, id: str) -> None:
        """Forget that an item has failed, because it has succeeded."""
        self._kept.pop((kind, id), None)

    def aside(self, kind: ItemKind, at: datetime) -> frozenset[str]:
        """Return the ids of the items that are not to be tried yet at `at`."""
        return frozenset(
            each.id for each in self._kept.values() if each.kind is kind and at < each.again
        )
