"""Alerts about a case's clocks: warnings and breaches, each sent once.

An alert is named after the milestone, the cycle of its clock, and what happened. Everything that a
measurement shows and that was not sent before is sent, so late events and late processing lose
nothing, and no alert is sent twice even if its deadline moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.ids import key
from entitlements.kernel.instants import from_micros_or_none, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.ports.records import Case
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import Measurement, measure
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.readings.reading import Reading


class AlertKind(TextEnum):
    """The kinds of alerts about a milestone of a case."""

    WARNING = "warning"
    BREACH = "breach"


def _alert_kind(value: AlertKind | str) -> AlertKind:
    return enum_member(AlertKind, value)


@final
@attrs.frozen(kw_only=True)
class DeadlineAlert:
    """One warning or breach.

    Attributes:
        kind: Warning or breach.
        milestone: Name of the milestone.
        cycle: Number of the clock's start, from 1.
        number: Number of the target's warning, from 1; 0 for a breach.
        at: Instant of the warning or breach.
        due: The deadline that it is about; None while the clock is paused.
    """

    kind: AlertKind = attrs.field(converter=_alert_kind)
    milestone: str
    cycle: int
    number: int = 0
    at: datetime
    due: datetime | None = None

    @property
    def name(self) -> str:
        """Name of the alert, unique among those of its case."""
        return key("alert", self.milestone, self.cycle, self.kind.value, self.number)


def read_clocks(
    case: Case, policy: SlaPolicy, at: datetime, *, others: tuple[SlaPolicy, ...] = ()
) -> tuple[Measurement, datetime | None]:
    """Return the measurement of a case at `at`, and when it changes by itself; None for never.

    Raises:
        UnknownIdError: An event names an unknown severity or policy.
        NeverReachedError: A calendar has less open time left than a target needs.
    """
    history = History(case.events)
    measured = measure(policy, history, at, others=others)
    event = history.next_event(to_micros(at))
    changes = (measured.next_change, from_micros_or_none(event))
    return measured, min((each for each in changes if each is not None), default=None)


def deadline_alerts(measured: Measurement) -> tuple[DeadlineAlert, ...]:
    """Return all warnings and breaches up to the measured instant, ordered by time."""
    found = [
        alert
        for reading in measured
        for cycle in measured.cycles(reading.name)
        for alert in _alerts_of(cycle, measured.at)
    ]
    return tuple(sorted(found, key=lambda each: each.at))


def new_alerts(case: Case, measured: Measurement) -> tuple[DeadlineAlert, ...]:
    """Return the alerts that were not sent yet."""
    return tuple(each for each in deadline_alerts(measured) if each.name not in case.alerts_sent)


def _alerts_of(reading: Reading, at: datetime) -> Iterator[DeadlineAlert]:
    for number, warning in enumerate(reading.warnings, start=1):
        if warning.at <= at:
            yield DeadlineAlert(
                kind=AlertKind.WARNING,
                milestone=reading.name,
                cycle=reading.cycle,
                number=number,
                at=warning.at,
                due=reading.due,
            )
    if reading.breached_at is not None:
        yield DeadlineAlert(
            kind=AlertKind.BREACH,
            milestone=reading.name,
            cycle=reading.cycle,
            at=reading.breached_at,
            due=reading.due,
        )
