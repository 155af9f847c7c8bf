"""Django's transactions, as units of work inside them need them: what may still be rolled back.

What a unit wrote is noted among Django's `run_on_commit` callbacks: Django drops those of a
savepoint with the savepoint, and all of them with the transaction.
"""

from __future__ import annotations

from typing import Any, final

from django.db import transaction

from entitlements.adapters.sql.borrowed import BorrowedChannel
from entitlements.adapters.sql.session.host_transaction import Written


@final
class _Note:
    """What one unit of work wrote; as a callback after the commit it does nothing."""

    __slots__ = ("written",)

    def __init__(self) -> None:
        self.written: set[Written] = set()

    def __call__(self) -> None:
        self.written.clear()


@final
class DjangoTransaction:
    """The transaction that is open on a connection of Django.

    Args:
        django: Django's connection.
    """

    __slots__ = ("_django", "_note")

    def __init__(self, django: Any) -> None:
        self._django = django
        self._note: _Note | None = None

    def open_channel(self, connection: Any) -> BorrowedChannel:
        """Return the channel to Django's savepoint."""
        return BorrowedChannel(connection)

    def note(self, written: Written) -> None:
        """Note that the unit wrote this; see `HostTransaction`."""
        if self._note is None:
            self._note = _Note()
            transaction.on_commit(self._note, using=self._django.alias)
        self._note.written.add(written)

    def wrote(self, written: Written) -> bool:
        """Return whether a unit of this transaction wrote this; see `HostTransaction`."""
        callbacks = (each[1] for each in self._django.run_on_commit)
        return any(isinstance(each, _Note) and written in each.written for each in callbacks)
