"""How do all milestones of a case stand at one instant?

A measurement holds one reading for each milestone, and the cycles before it for those that start
again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import final

from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import from_micros, optional_text, text_of, to_micros
from entitlements.sla.clock import Clock, Cycle
from entitlements.sla.history import Refusal
from entitlements.sla.readings import Reading


@final
class Measurement:
    """All milestones of a case at an instant, in the policy's order.

    Iterating gives the readings, each of the clock's last cycle; `measurement["resolution"]` is
    one of them.

    Attributes:
        policy: The id of the policy.
        at: The instant of the question.
        refused: The events that could not have happened, each with its reason.
    """

    __slots__ = ("_cycles", "_earlier", "_readings", "at", "policy", "refused")

    def __init__(
        self,
        policy: str,
        at: datetime,
        readings: dict[str, Reading],
        earlier: dict[str, tuple[Clock, list[Cycle]]],
        refused: tuple[Refusal, ...],
    ) -> None:
        self.policy = policy
        self.at = at
        self.refused = refused
        self._readings = readings
        self._earlier = earlier
        self._cycles: dict[str, tuple[Reading, ...]] | None = None

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        # A stored measurement takes along the readings of all cycles, not the clocks.
        state = {name: getattr(self, name) for name in Measurement.__slots__}
        cycles = {name: self.cycles(name) for name in self._earlier}
        return None, {**state, "_earlier": {}, "_cycles": self._cycles or cycles}

    def cycles(self, name: str) -> tuple[Reading, ...]:
        """Return the readings of all cycles of the milestone `name`, the earliest first.

        Raises:
            UnknownIdError: The policy has no such milestone.
        """
        last = self[name]
        if self._cycles is not None:
            return self._cycles.get(name, (last,))
        if name not in self._earlier:
            return (last,)
        clock, cycles = self._earlier[name]
        at = to_micros(self.at)
        earlier = [Reading.of(clock, each, at, hidden=True, keep=False) for each in cycles]
        return (*earlier, last)

    def __getitem__(self, name: str) -> Reading:
        try:
            return self._readings[name]
        except KeyError:
            raise UnknownIdError("milestone", str(name), known=self._readings) from None

    def __contains__(self, name: object) -> bool:
        return name in self._readings

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._readings.values())

    def __len__(self) -> int:
        return len(self._readings)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Measurement):
            return NotImplemented
        if self._summary() != other._summary():
            return False
        return all(self.cycles(name) == other.cycles(name) for name in self._readings)

    def _summary(self) -> tuple[object, ...]:
        return self.policy, self.at, self.refused, self._readings

    def __hash__(self) -> int:
        return hash((self.policy, self.at, tuple(self._readings)))

    @property
    def next_change(self) -> datetime | None:
        """The next instant at which a milestone changes though nothing happens, or None."""
        changes = [each.next_change_micros for each in self._readings.values()]
        return min((from_micros(each) for each in changes if each is not None), default=None)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain data."""
        return {
            "policy": self.policy,
            "at": text_of(self.at),
            "milestones": [each.to_dict() for each in self._readings.values()],
            "refused": [
                {"kind": each.event.kind.value, "at": text_of(each.event.at), "why": each.reason}
                for each in self.refused
            ],
            "next_change": optional_text(self.next_change),
        }

    def __repr__(self) -> str:
        return f"Measurement({', '.join(map(repr, self._readings.values()))})"
