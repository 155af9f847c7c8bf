"""Renewal terms: tacit renewal unless notice is given, and evergreen contracts."""

from __future__ import annotations

from datetime import date
from typing import Final, final

import attrs

from entitlements.contracts.dates.day_boundaries import (
    add_days,
    add_months,
    latest_day_of_notice,
)
from entitlements.kernel.converters import whole_number
from entitlements.kernel.errors import InvalidValueError, LimitExceededError

MAX_NOTICE_MONTHS: Final = 120
MAX_NOTICE_DAYS: Final = 3_660


@final
@attrs.frozen(kw_only=True)
class RenewalTerms:
    """How a contract goes on after the terms that it and its renewals state.

    A notice is in time for a last day if its period, from the day on which it is given, ends by
    then. So notice of one month to 30 April may be given on 31 March.

    Attributes:
        months: Length of each tacit term in calendar months; None for an evergreen contract, which
            goes on in one term without an end until notice ends it.
        notice_months: The period of notice in calendar months.
        notice_days: The period of notice in days. Give at most one of the two; without both, notice
            may be given up to the last day.

    >>> RenewalTerms(months=12, notice_months=1).latest_notice(date(2026, 4, 30))
    datetime.date(2026, 3, 31)
    """

    months: int | None = None
    notice_months: int | None = None
    notice_days: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.months is not None:
            whole_number(self.months, "months of renewal", least=1, most=MAX_NOTICE_MONTHS)
        if self.notice_months is not None and self.notice_days is not None:
            raise InvalidValueError(
                "a period of notice is in months or in days", hint="leave out one of the two"
            )
        whole_number(self.notice_months or 0, "months of notice", most=MAX_NOTICE_MONTHS)
        whole_number(self.notice_days or 0, "days of notice", most=MAX_NOTICE_DAYS)

    def period_ends(self, given: date) -> date:
        """Return the day with which the period of a notice ends."""
        if self.notice_months is None:
            return add_days(given, self.notice_days or 0)
        try:
            return add_months(given, self.notice_months)
        except LimitExceededError:
            return date.max

    def latest_notice(self, last: date) -> date:
        """Return the latest day on which notice is in time for the last day of a term."""
        try:
            return latest_day_of_notice(
                last, months=self.notice_months or 0, days=self.notice_days or 0
            )
        except LimitExceededError:
            return date.min
