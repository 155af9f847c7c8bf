"""Partial sums of a report: what the cases and records of each group add up to.

A case is added and then forgotten. The sums of parts add up to those of the whole, and their size
depends on how many groups, milestones and reasons there are, and on the different lengths of waits;
only the ids of cases, if they are kept, grow with the cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple, TypeAlias, final

from entitlements.aftersales.surveys import SurveyKind
from entitlements.kernel.instants import MICROSECOND
from entitlements.outcomes.figures.wait_counts import WaitCounts
from entitlements.outcomes.reports.figure import Figure, FigureValue, ReportSection
from entitlements.outcomes.reports.measured_cases import Period

Counted: TypeAlias = tuple[ReportSection, str | None, str]
"""What is counted: the section, what it is about, and the measure."""


@final
class Sums:
    """What one group of cases adds up to.

    Attributes:
        has_ids: Whether the ids of what is counted are kept.
        counts: Counts, and times in microseconds.
        ids: The ids of what made each count, in any order; as often as it counts.
        waits: Waits by milestone and kind of time.
        scores: How often each score was given, by kind of survey.
    """

    __slots__ = ("_times", "counts", "has_ids", "ids", "scores", "waits")

    def __init__(self, *, has_ids: bool) -> None:
        self.has_ids = has_ids
        self._times = 1
        self.counts: dict[Counted, int] = {}
        self.ids: dict[Counted, list[str]] = {}
        self.waits: dict[tuple[str, str], WaitCounts] = {}
        self.scores: dict[SurveyKind, Counter[int]] = {}

    def add(
        self, section: ReportSection, name: str | None, measure: str, id: str, amount: int = 1
    ) -> None:
        """Add to a count what one case or record makes of it."""
        key, counts = (section, name, measure), self.counts
        count = counts[key] = counts.get(key, 0) + self._times * amount
        if self.has_ids:
            ids = self.ids.get(key)
            if ids is None:
                ids = self.ids[key] = []
            ids.append(id)
        elif not count and self._times < 0:
            del counts[key]  # or what it is about would still be named

    def add_wait(self, name: str, kind: str, time: timedelta, *, is_over: bool) -> None:
        """Add a wait."""
        found = self.waits.get((name, kind))
        if found is None:
            found = self.waits[name, kind] = WaitCounts()
        found.add(time, is_over=is_over, times=self._times)

    def add_score(self, kind: SurveyKind, score: int) -> None:
        """Add the score of an answer."""
        self.scores.setdefault(kind, Counter())[score] += self._times

    def taking_away(self) -> Sums:
        """Return these sums as what takes away where it adds; ids are not kept there."""
        less = Sums(has_ids=False)
        less.counts, less.waits, less.scores = self.counts, self.waits, self.scores
        less._times = -1
        return less

    def include(self, other: Sums) -> None:
        """Add all that another group adds up to."""
        for key, amount in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + amount
        for key, ids in other.ids.items():
            self.ids.setdefault(key, []).extend(ids)
        for of, waits in other.waits.items():
            self.waits.setdefault(of, WaitCounts()).include(waits)
        for kind, scores in other.scores.items():
            self.scores.setdefault(kind, Counter()).update(scores)


class Scope(NamedTuple):
    """One group of cases, or all groups together, with what it adds up to.

    Attributes:
        sums: What the cases add up to.
        group: The group; None for cases that have none, and for the total.
        is_total: Whether these are the cases of all groups.
        period: The period of the report.
        zone: The zone of its weekdays and hours.
    """

    sums: Sums
    group: str | None
    is_total: bool
    period: Period
    zone: str

    def names(self, section: ReportSection) -> list[str | None]:
        """Return what a section is about, sorted."""
        found = {name for known, name, _ in self.sums.counts if known is section}
        return sorted(found, key=lambda each: each or "")

    def amount(self, section: ReportSection, name: str | None, measure: str) -> int:
        """Return a count; 0 if nothing was added to it."""
        return self.sums.counts.get((section, name, measure), 0)

    def ids(self, section: ReportSection, name: str | None, measure: str) -> list[str]:
        """Return the ids of what made a count, sorted."""
        return sorted(self.sums.ids.get((section, name, measure), ()))

    def figure(
        self,
        section: ReportSection,
        name: str | None,
        measure: str,
        value: FigureValue,
        ids: Iterable[str] = (),
    ) -> Figure:
        """Return a figure of these cases."""
        return Figure(
            section=section,
            name=name,
            measure=measure,
            group=self.group,
            is_total=self.is_total,
            value=value,
            ids=ids,
        )

    def counted(
        self, section: ReportSection, name: str | None, measures: Iterable[str]
    ) -> Iterator[Figure]:
        """Yield counts as figures."""
        for measure in measures:
            ids = self.ids(section, name, measure)
            yield self.figure(section, name, measure, self.amount(section, name, measure), ids)

    def timed(self, section: ReportSection, name: str | None, measure: str) -> Figure:
        """Return a time as a figure."""
        time = self.amount(section, name, measure) * MICROSECOND
        return self.figure(section, name, measure, time, self.ids(section, name, measure))
