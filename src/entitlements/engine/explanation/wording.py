"""Wording: instants, amounts and lists in the words of a language, with the times of a zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.access.decision import Denied
from entitlements.access.reasons import CHECK_OF, Check
from entitlements.calendars.options import BusinessDays
from entitlements.calendars.timeline.zones import Zone
from entitlements.engine.explanation.catalogue import Catalogue
from entitlements.engine.explanation.explanation import ExplainedAssessment, ExplanationLine
from entitlements.kernel.instants import text_of

_HOUR = 3600
_MINUTE = 60


@final
@attrs.frozen
class Wording:
    """How one explanation is worded.

    Attributes:
        catalogue: The sentences.
        zone: The zone of all times; None for UTC as ISO 8601.
        exact: Whether times show microseconds, where there are any.
    """

    catalogue: Catalogue
    zone: Zone | None
    exact: bool = True

    def line(self, key: str, level: int = 0, **values: object) -> ExplanationLine:
        """Return the line of a key."""
        return ExplanationLine(key=key, text=self.say(key, **values), level=level)

    def say(self, key: str, **values: object) -> str:
        """Return the sentence of a key."""
        return self.catalogue.text(key, **values)

    def instant(self, at: datetime) -> str:
        """Return an instant as the local time of the zone, with the name of the zone."""
        if self.zone is None:
            return text_of(at)
        local = at.astimezone(self.zone.tzinfo)
        name = local.tzname() or ""
        key = self.zone.name
        return self.say(
            "words.instant",
            weekday=self.say(f"words.weekday.{local.isoweekday()}"),
            day=local.day,
            month=self.say(f"words.month.{local.month}"),
            year=local.year,
            time=self._time(local),
            zone=key if name == key else f"{name} ({key})",
        )

    def _time(self, local: datetime) -> str:
        if self.exact and local.microsecond:
            return f"{local:%H:%M:%S.%f}"
        return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"

    def duration(self, amount: timedelta) -> str:
        """Return an amount of time in words; parts of a second are cut off."""
        seconds = int(amount.total_seconds())
        hours, rest = divmod(seconds, _HOUR)
        minutes, seconds = divmod(rest, _MINUTE)
        counted = self.catalogue.counted
        parts = [
            *([counted("words.hours", hours)] if hours else []),
            *([counted("words.minutes", minutes)] if minutes else []),
            *([counted("words.seconds", seconds)] if seconds else []),
        ]
        return " ".join(parts) or counted("words.seconds", 0)

    def days(self, days: BusinessDays) -> str:
        """Return a number of business days, as a plan says it."""
        return self.catalogue.counted("words.business_days", days.count)


def severity_lines(
    key: str, answer: ExplainedAssessment, wording: Wording
) -> Iterator[ExplanationLine]:
    """Yield the line that the severity of the request follows from its impact and urgency.

    There is none if it does not, as for somebody without any contract that the request is about.
    """
    request, decision = answer.request, answer.decision
    reasons = decision.reasons if isinstance(decision, Denied) else ()
    unknown = {Check.CUSTOMER, Check.CONTRACT} & {CHECK_OF[each] for each in reasons}
    if request.impact is not None and request.severity is not None and not unknown:
        yield wording.line(
            key, severity=request.severity, impact=request.impact, urgency=request.urgency
        )
