"""What is there to tell about a case's clocks? Warnings and breaches, each told once.

A notice is named after the milestone, the cycle of its clock, and what happened to it. Whatever a
measurement shows and was not told before is told now; so late events and missed sweeps lose
nothing, and no notice is told twice even if its deadline moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.ids import key
from entitlements.kernel.instants import from_micros_or_none, to_micros
from entitlements.ports.records import Case
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import Measurement, measure
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.readings import Reading


class NoticeKind(StrEnum):
    """What is told."""

    WARNING = "warning"
    BREACH = "breach"


def _notice_kind(value: NoticeKind | str) -> NoticeKind:
    return enum_member(NoticeKind, value)


@final
@attrs.frozen(kw_only=True)
class Notice:
    """One warning or breach.

    Attributes:
        kind: Which of the two.
        milestone: The milestone.
        cycle: Which start of its clock, from 1.
        number: Which of the target's warnings, from 1; 0 for a breach.
        at: When it came.
        due: The deadline that it is about; None where a pause hides it.
    """

    kind: NoticeKind = attrs.field(converter=_notice_kind)
    milestone: str
    cycle: int
    number: int = 0
    at: datetime
    due: datetime | None = None

    @property
    def name(self) -> str:
        """What tells it from all others of its case."""
        return key("notice", self.milestone, self.cycle, self.kind.value, self.number)


def read_clocks(
    case: Case, policy: SlaPolicy, at: datetime, *, others: tuple[SlaPolicy, ...] = ()
) -> tuple[Measurement, datetime | None]:
    """Return how a case's milestones stand at `at`, and when that changes by itself; None if never.

    Raises:
        UnknownIdError: An event names a severity or policy that is not known.
        NeverReachedError: A calendar has less open time left than a target needs.
    """
    history = History(case.events)
    measured = measure(policy, history, at, others=others)
    event = history.next_event(to_micros(at))
    changes = (measured.next_change, from_micros_or_none(event))
    return measured, min((each for each in changes if each is not None), default=None)


def notices(measured: Measurement) -> tuple[Notice, ...]:
    """Return all warnings and breaches that have come, in order of time, then of milestones."""
    found = [
        notice
        for reading in measured
        for cycle in measured.cycles(reading.name)
        for notice in _of(cycle, measured.at)
    ]
    return tuple(sorted(found, key=lambda each: each.at))


def new_notices(case: Case, measured: Measurement) -> tuple[Notice, ...]:
    """Return the notices that nobody was told yet."""
    return tuple(each for each in notices(measured) if each.name not in case.notices_sent)


def _of(reading: Reading, at: datetime) -> Iterator[Notice]:
    for number, warning in enumerate(reading.warnings, start=1):
        if warning.at <= at:
            yield Notice(
                kind=NoticeKind.WARNING,
                milestone=reading.name,
                cycle=reading.cycle,
                number=number,
                at=warning.at,
                due=reading.due,
            )
    if reading.breached_at is not None:
        yield Notice(
            kind=NoticeKind.BREACH,
            milestone=reading.name,
            cycle=reading.cycle,
            at=reading.breached_at,
            due=reading.due,
        )
