"""Log of a case: every change of pauses, severity, terms and resolution, and what holds now."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias, final

from entitlements.sla.clock.compiled_policy import CompiledPolicy

ClockTerms: TypeAlias = tuple[CompiledPolicy, str, frozenset[str], str | None]
"""A policy, the channel of the case, the conditions that the customer has declared, its kind."""

ClockStartState: TypeAlias = tuple[int, str | None, ClockTerms, frozenset[str]]
"""Where counting begins: instant, severity, terms and pause reasons."""


class CaseChange(Enum):
    """What an entry of the case's log changes."""

    PAUSES = "pauses"
    SEVERITY = "severity"
    TERMS = "terms"
    RESOLUTION = "resolution"
    REOPENING = "reopening"


LogEntry: TypeAlias = tuple[int, CaseChange, frozenset[str], str | None, ClockTerms]
"""Instant, what changed, and the pause reasons, severity and terms of the case after it."""


@final
class CaseLog:
    """The log and the present state of a case, shared by all its clocks.

    Attributes:
        log: Every change of pauses, severity, terms and resolution since the opening.
        opening: Where counting from the opening begins.
        severity: The severity now; None until one is set.
        first_severity: The first severity that was set.
        terms: The policy, channel, conditions and kind now.
        reasons: The reasons for which the case is paused now.
        answered: Whether an agent has responded.
        waiting: Whether a customer's message came since the resolution.
    """

    __slots__ = (
        "answered",
        "first_severity",
        "log",
        "opening",
        "reasons",
        "severity",
        "terms",
        "waiting",
    )

    def __init__(self, opening: ClockStartState) -> None:
        self.log: list[LogEntry] = []
        self.opening = opening
        _, self.severity, self.terms, self.reasons = opening
        self.first_severity = self.severity
        self.answered = self.waiting = False

    def record(self, at: int, change: CaseChange) -> None:
        """Add an entry with the state after the change."""
        self.log.append((at, change, self.reasons, self.severity, self.terms))

    def start_state(self, at: int) -> ClockStartState:
        """Return where counting from `at` on begins."""
        return at, self.severity, self.terms, self.reasons
