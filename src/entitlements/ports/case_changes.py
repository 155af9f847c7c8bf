"""Repository protocol of changes: about which cases was written since an earlier mark."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

CHANGES_PAGE: Final = 1_000
"""How many ids of changed cases are read at once."""


class ChangeMark(NamedTuple):
    """A state of the cases of a tenant, from which on changes are asked for.

    Attributes:
        limits: Numbers below which nothing more will be committed, one for each kind of row.
        last: The case that was written last before that: its id, the number and its state.
    """

    limits: tuple[int, ...]
    last: tuple[str, int, str] | None


class CaseChanges(Protocol):
    """What was written about cases, in an order that no unit of work can enter late."""

    def mark(self) -> ChangeMark:
        """Return a mark of what is committed now, for `since` of a later unit; two rows."""
        ...

    def since(
        self, mark: ChangeMark, after: str = "", most: int = CHANGES_PAGE
    ) -> tuple[str, ...] | None:
        """Return ids of cases, above `after` and ordered, about which was written since a mark.

        That is the case with its events, its work, or a service record about it. What was written
        and not yet committed at the time of the mark is among it, and some of what was committed
        then may be. A row for each, and one.

        Returns:
            None if the case that was written last is no longer there as it was, or as it was made
            of that later: this is another store, or one that was restored from a backup.
        """
        ...
