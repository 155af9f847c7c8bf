"""Change modes: what changes of a case do to the counters of one milestone."""

from __future__ import annotations

from typing import final

from entitlements.calendars.options import Landing
from entitlements.sla.options.clock_options import (
    ClockOptions,
    ReopenRule,
    SeverityChangeRule,
    TermsChangeRule,
)


@final
class ChangeModes:
    """What changes of the case do to a counter of one milestone, by the policy's options."""

    __slots__ = ("counts_resolved", "late_landing", "paused_by", "severity", "terms")

    def __init__(self, options: ClockOptions, milestone: str) -> None:
        self.severity = options.severity_change
        self.terms = options.terms_change
        self.counts_resolved = options.reopen is ReopenRule.CONTINUE
        self.late_landing = options.landing is Landing.NEXT_OPENING
        self.paused_by = options.paused_by.get(milestone)

    @property
    def by_severity(self) -> bool:
        """Whether each severity has a separate counter, from the start of the clock."""
        return self.severity is SeverityChangeRule.RECOMPUTE

    @property
    def by_terms(self) -> bool:
        """Whether all terms have separate counters, from the start of the clock."""
        return self.terms is TermsChangeRule.LAST
