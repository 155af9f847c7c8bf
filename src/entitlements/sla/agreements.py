"""Several agreements on one case, measured side by side.

A customer's agreement, an internal one between teams and a supplier's contract are measured
separately; a declared rule chooses the reading that counts for each milestone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import enum_member, tuple_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.ids import check_unique_ids, optional_identifier
from entitlements.kernel.instants import LATEST
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import Measurement, measure
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.readings.reading import Reading


class AgreementChoice(TextEnum):
    """Which reading counts for a milestone that several agreements have."""

    STRICTEST = "strictest"
    """The one that is late, else the one that is due first; a clock without a deadline is last."""

    NAMED = "named"
    """The reading of one named agreement."""

    ALL = "all"
    """The readings of all agreements."""


def _choice(value: AgreementChoice | str) -> AgreementChoice:
    return enum_member(AgreementChoice, value)


def _policies(values: Iterable[SlaPolicy]) -> tuple[SlaPolicy, ...]:
    return tuple_of(SlaPolicy, values)


@final
@attrs.frozen(kw_only=True)
class Agreements:
    """Several agreements on one case.

    Attributes:
        policies: The agreements; in case of a tie the reading of the earlier one counts.
        choice: Which reading counts.
        named: The id of the agreement whose reading counts, for `AgreementChoice.NAMED` only.

    Raises:
        InvalidValueError: There is no policy, or `choice` and `named` do not go together.
        DuplicateIdError: Two policies have one id.
        UnknownIdError: No policy has the id `named`.

    >>> from datetime import timedelta
    >>> from entitlements.sla import Event, Target
    >>> customer, internal = (
    ...     SlaPolicy(id=id, targets=[Target(milestone="resolution", within=within)])
    ...     for id, within in (("customer", timedelta(hours=8)), ("internal", timedelta(hours=6)))
    ... )
    >>> opened = Event.opened("2026-03-02T08:00Z")
    >>> both = Agreements(policies=[customer, internal])
    >>> both.readings(History([opened]), opened.at)["resolution"]
    (('internal', <resolution: running, due 2026-03-02T14:00:00Z>),)
    """

    policies: tuple[SlaPolicy, ...] = attrs.field(converter=_policies)
    choice: AgreementChoice = attrs.field(default=AgreementChoice.STRICTEST, converter=_choice)
    named: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        if not self.policies:
            raise InvalidValueError(
                "there is no agreement in `policies`", hint="pass at least one policy"
            )
        ids = [each.id for each in self.policies]
        check_unique_ids("policy", ids)
        if (self.choice is AgreementChoice.NAMED) != (self.named is not None):
            raise InvalidValueError(
                "`named` is the agreement for `choice=named`", hint="give both or neither"
            )
        if self.named is not None and self.named not in ids:
            raise UnknownIdError("policy", self.named, known=ids)

    def measure(
        self, history: History, at: datetime, *, others: Iterable[SlaPolicy] = ()
    ) -> tuple[Measurement, ...]:
        """Return the measurement of each agreement at `at`, in their order; see `measure`."""
        known = (*self.policies, *tuple_of(SlaPolicy, others))
        return tuple(measure(each, history, at, others=known) for each in self.policies)

    def readings(
        self, history: History, at: datetime, *, others: Iterable[SlaPolicy] = ()
    ) -> dict[str, tuple[tuple[str, Reading], ...]]:
        """Return the readings that count, by milestone: pairs of an agreement's id and a reading.

        There is one pair for each milestone, or with `AgreementChoice.ALL` one for each agreement.
        """
        found: dict[str, list[tuple[str, Reading]]] = {}
        for measured in self.measure(history, at, others=others):
            if self.named is None or measured.policy == self.named:
                for reading in measured:
                    found.setdefault(reading.name, []).append((measured.policy, reading))
        return {name: tuple(self._chosen(pairs)) for name, pairs in found.items()}

    def _chosen(self, pairs: list[tuple[str, Reading]]) -> Iterator[tuple[str, Reading]]:
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


def _strictness(reading: Reading) -> tuple[int, datetime]:
    return _URGENCY[reading.state], reading.due or LATEST
