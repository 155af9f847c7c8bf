"""What if several agreements hold for one case?

A customer's promise, an internal agreement between teams and a supplier's contract run beside one
another: each is measured by itself, and a declared rule says which reading speaks for the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import final

import attrs

from entitlements.kernel.converters import (
    enum_member,
    tuple_of,
)
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.ids import optional_identifier
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import Measurement, measure
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.readings import Reading


class AgreementChoice(StrEnum):
    """Which reading speaks for a milestone that several agreements promise."""

    STRICTEST = "strictest"
    """The one that is late, else the one that is due first; a clock without a deadline is last."""

    NAMED = "named"
    """That of one named agreement, and no other."""

    ALL = "all"
    """Every one for itself."""


def _together(value: AgreementChoice | str) -> AgreementChoice:
    return enum_member(AgreementChoice, value)


def _policies(values: Iterable[SlaPolicy]) -> tuple[SlaPolicy, ...]:
    return tuple_of(SlaPolicy, values)


@final
@attrs.frozen(kw_only=True)
class Agreements:
    """Several agreements on one case.

    Attributes:
        policies: The agreements, by their ids; in case of a tie the earlier one speaks.
        together: Which reading speaks.
        named: The id of the agreement that speaks, for `AgreementChoice.NAMED`.

    Raises:
        InvalidValueError: There is no policy, or `named` is given without need.
        DuplicateIdError: Two policies have one id.
        UnknownIdError: No policy is called `named`.
    """

    policies: tuple[SlaPolicy, ...] = attrs.field(converter=_policies)
    choice: AgreementChoice = attrs.field(default=AgreementChoice.STRICTEST, converter=_together)
    named: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        if not self.policies:
            raise InvalidValueError("no agreement holds for the case")
        ids = [each.id for each in self.policies]
        for id in ids:
            if ids.count(id) > 1:
                raise DuplicateIdError("policy", id)
        if (self.choice is AgreementChoice.NAMED) != (self.named is not None):
            raise InvalidValueError("`named` says which agreement speaks under `named`, only there")
        if self.named is not None and self.named not in ids:
            raise UnknownIdError("policy", self.named, known=ids)

    def measure(
        self, history: History, at: datetime, *, others: Iterable[SlaPolicy] = ()
    ) -> tuple[Measurement, ...]:
        """Return how each agreement stands at `at`, in their order; see `measure`."""
        known = (*self.policies, *others)
        return tuple(measure(each, history, at, others=known) for each in self.policies)

    def readings(
        self, history: History, at: datetime, *, others: Iterable[SlaPolicy] = ()
    ) -> dict[str, tuple[tuple[str, Reading], ...]]:
        """Return who speaks for each milestone: pairs of the agreement's id and its reading.

        There is one pair a milestone, but under `AgreementChoice.ALL` one for each agreement.
        """
        found: dict[str, list[tuple[str, Reading]]] = {}
        for measured in self.measure(history, at, others=others):
            if self.named is None or measured.policy == self.named:
                for reading in measured:
                    found.setdefault(reading.name, []).append((measured.policy, reading))
        return {name: tuple(self._speakers(pairs)) for name, pairs in found.items()}

    def _speakers(self, pairs: list[tuple[str, Reading]]) -> Iterator[tuple[str, Reading]]:
        if self.choice is AgreementChoice.ALL:
            yield from pairs
        else:
            yield min(pairs, key=lambda pair: _strictness(pair[1]))


_URGENCY = {
    MilestoneState.MISSED: 0,
    MilestoneState.RUNNING: 1,
    MilestoneState.PAUSED: 2,
    MilestoneState.PENDING: 3,
    MilestoneState.MET: 4,
    MilestoneState.CANCELLED: 5,
    MilestoneState.NO_OBJECTIVE: 6,
}


def _strictness(reading: Reading) -> tuple[int, int, int]:
    due = reading.due_micros
    return _URGENCY[reading.state], due is None, 0 if due is None else due
