"""The deadlines of a case at its opening, as a value that can be stored."""

from __future__ import annotations

from typing import Protocol, final

import attrs

from entitlements.kernel.instants import text_of


class WarningSource(Protocol):
    """The milestones of a case and their warnings: compiled targets, or stored instants."""

    @property
    def names(self) -> tuple[str, ...]:
        """The milestones, in the policy's order."""
        ...

    def warnings(self, name: str, opened: int) -> tuple[int, ...]:
        """Return the instants at which to warn of a milestone that starts at `opened`, in order."""
        ...


@final
@attrs.frozen
class StoredWarnings:
    """The milestones and warnings of deadlines that were stored without their targets."""

    names: tuple[str, ...]
    instants: tuple[tuple[int, ...], ...]

    def warnings(self, name: str, opened: int) -> tuple[int, ...]:  # noqa: ARG002 - there is one opening
        """Return the instants at which to warn of a milestone, in order."""
        return self.instants[self.names.index(name)]


@final
class OpeningDeadlines:
    """The deadlines of a case at its opening, before any other event.

    Two are equal if opening, milestones and deadlines are. A stored one keeps its warnings, not
    its targets.

    Attributes:
        opened: The opening, in microseconds.
        due_instants: The deadline of each milestone in microseconds, or None; ordered as `names`.
        source: Where milestones and warnings come from.
    """

    __slots__ = ("due_instants", "opened", "source")

    def __init__(
        self, source: WarningSource, opened: int, due_instants: tuple[int | None, ...]
    ) -> None:
        self.source = source
        self.opened = opened
        self.due_instants = due_instants

    @property
    def names(self) -> tuple[str, ...]:
        """The milestones, in the policy's order."""
        return self.source.names

    def due(self, name: str) -> int | None:
        """Return the deadline of the milestone `name`, or None if it has none, or none yet."""
        names = self.source.names
        return self.due_instants[names.index(name)] if name in names else None

    def warnings(self, name: str) -> tuple[int, ...]:
        """Return the instants at which to warn of the milestone `name`, in order."""
        if name not in self.names or self.due(name) is None:
            return ()
        return self.source.warnings(name, self.opened)

    @property
    def next_change(self) -> int | None:
        """The first warning or deadline after the opening; None if there is none.

        Until then nothing changes by itself: it is when to look at the clocks again.
        """
        found = [due for due in self.due_instants if due is not None]
        for name, due in zip(self.source.names, self.due_instants, strict=True):
            if due is not None:
                found += self.source.warnings(name, self.opened)
        return min((each for each in found if each > self.opened), default=None)

    def _key(self) -> tuple[object, ...]:
        return self.opened, self.names, self.due_instants

    def __eq__(self, other: object) -> bool:
        return (
            self._key() == other._key() if isinstance(other, OpeningDeadlines) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        pairs = zip(self.names, self.due_instants, strict=True)
        dues = (f"{name}={None if due is None else text_of(due)}" for name, due in pairs)
        return f"OpeningDeadlines({', '.join(dues)})"

    def __copy__(self) -> OpeningDeadlines:
        return self

    def __deepcopy__(self, _: object) -> OpeningDeadlines:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        stored = StoredWarnings(self.names, tuple(self.warnings(name) for name in self.names))
        return OpeningDeadlines, (stored, self.opened, self.due_instants)
