"""Kept sums of a report: added up once, and later brought to another end by what has changed.

From the cases that were written since, and those that time alone changes, the sums take away what
they had made of them, and add what they make of them now. Nothing else is read. The sums are those
of a report that reads everything; where that is in doubt, everything is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, final

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.surveys import Survey
from entitlements.outcomes.reports.measured_cases import KeptResult, KeptResults, Period
from entitlements.outcomes.reports.records import ReportRecords, cases_named
from entitlements.outcomes.reports.report import Question, Report
from entitlements.outcomes.reports.sections.after_sections import LinkedCase, linked_case
from entitlements.ports.case_changes import ChangeMark


class KeptCase(NamedTuple):
    """A case that is part of the sums, with the surveys about it."""

    result: KeptResult
    surveys: tuple[Survey, ...]

    def is_settled(self, end: datetime) -> bool:
        """Return whether no later end of the period changes what it adds, if nothing is written."""
        instants = [at for each in self.surveys for at in (each.asked, each.answered) if at]
        return self.result.case.is_settled and all(at < end for at in instants)

    def surveys_until(self, end: datetime) -> list[Survey]:
        """Return the surveys that were sent before an instant."""
        return [each for each in self.surveys if each.asked < end]


class CaseSource(Protocol):
    """Where the cases of a tenant are read.

    Attributes:
        unread: The cases that could not be read, each with the reason.
    """

    unread: dict[str, str]

    def every(self) -> Iterator[KeptCase]:
        """Yield all cases, customer by customer."""
        ...

    def mark(self) -> ChangeMark:
        """Return a mark of what is stored now."""
        ...

    def changed(self, mark: ChangeMark) -> list[str] | None:
        """Return ids of what changed since a mark; None if that is not known."""
        ...

    def again(self, ids: Sequence[str]) -> Iterator[tuple[str, KeptCase | None]]:
        """Yield cases that are read again; None for one that is not there, or cannot be read."""
        ...

    def measured(self, case: KeptCase) -> KeptCase:
        """Return a case that is unchanged, measured for the end of the period."""
        ...

    def has(self, terms: Iterable[tuple[int, str]]) -> bool:
        """Return whether editions of the catalog still have these digests."""
        ...


@final
class KeptSums:
    """The sums of a report without ids, and what they were made of.

    Args:
        question: What the report is about.
        source: Where cases are read.

    Attributes:
        read: How many cases were read or measured for the last report.
    """

    def __init__(self, question: Question, source: CaseSource) -> None:
        self._period = question.period
        self._mark = source.mark()  # first, so that what is written meanwhile is read again
        self._found = question.collector(keep_ids=False, is_kept=True)
        self._cases: dict[str, KeptCase] = {}
        self._terms: set[tuple[int, str]] = set()
        self._open: set[str] = set()
        for each in source.every():
            self._add(each)
        self._found.settle(source.unread)
        self._unread = dict(source.unread)
        self.read = len(self._cases)

    def _add(self, case: KeptCase, *, is_linked: bool = False) -> None:
        found, end = self._found, self._period.end
        measured = case.result.case
        found.expect(case.surveys_until(end), ())
        if found.is_new(measured.id):
            found.add(measured, is_linked=is_linked)
        self._cases[measured.id] = case
        if case.result.terms is not None:
            self._terms.add(case.result.terms)
        if case.is_settled(end):
            self._open.discard(measured.id)
        else:
            self._open.add(measured.id)

    def bring_to(self, question: Question, source: CaseSource) -> bool:
        """Bring the sums to a later end of the same period; return whether that can be.

        If it cannot, or anything fails, the sums are of no use any more.
        """
        period = question.period
        if period.end < self._period.end or not self._found.can_end(period.end):
            return False
        mark, changed = source.mark(), source.changed(self._mark)
        if changed is None or not source.has(self._terms):
            return False
        again = {*changed, *self._unread}
        later = [self._cases[id] for id in sorted(self._open - again)]
        new = [source.measured(each) for each in later]
        for id, case in source.again(sorted(again)):
            if case is not None:
                new.append(case)
            elif id not in source.unread:
                return False  # a record is about a case that is not there
        self._replace(new, {*self._open, *again}, period, question.by)
        self._mark, self._unread = mark, dict(source.unread)
        self.read = len(new)
        return True

    def _replace(
        self, new: Iterable[KeptCase], old: Iterable[str], period: Period, by: str
    ) -> None:
        found, first = self._found, self._found.first
        gone = [self._cases.pop(id) for id in old if id in self._cases]
        same = _linked(gone, by) & _linked(new, by)
        for each in gone:
            found.remove(
                each.result.case,
                each.surveys_until(self._period.end),
                is_linked=(each.result.case.id, linked_case(each.result.case, by)) in same,
            )
        self._period = period
        found.move_end(period)
        for each in new:
            linked = each.result.case.id, linked_case(each.result.case, by)
            self._add(each, is_linked=linked in same)
        found.settle()
        if any(each.result.case.opened == first for each in gone):
            opened = (each.result.case.opened for each in self._cases.values())
            found.first = min((each for each in opened if each is not None), default=None)

    def report(
        self, question: Question, records: ReportRecords, unread: Mapping[str, str]
    ) -> Report:
        """Return the report of the sums, and of records that are about no case."""
        found = self._found
        broken = dict(found.broken)
        complaints: dict[str, list[Complaint]] = {}
        for each in records.complaints:
            complaints.setdefault(each.customer, []).append(each)
        for customer, own in sorted(complaints.items()):  # as all of them are read
            found.expect((), own)
            for id in cases_named((), own):
                case = self._cases.get(id)
                if case is not None and case.result.case.value_of("customer") == customer:
                    found.know(id, case.result.case.value_of(question.by))
            found.settle(unread)
        made = question.answer(found, records, unread)
        found.forget_complaints()
        found.broken = broken
        return made


def _linked(cases: Iterable[KeptCase], by: str) -> set[tuple[str, LinkedCase]]:
    """Return what cases are for others, with their ids."""
    return {(each.result.case.id, linked_case(each.result.case, by)) for each in cases}


def sums_name(question: Question, tenant: str) -> str:
    """Return the digest of what the sums of a question depend on, but for the end."""
    parts = (tenant, question.period.start, question.by, question.zone, question.customer)
    return hashlib.sha256(repr(("sums", *parts)).encode("utf-8", "surrogatepass")).hexdigest()


def kept_sums(kept: KeptResults, tenant: str, question: Question, source: CaseSource) -> KeptSums:
    """Return the sums of a question, from those that were kept if these can be brought to it."""
    name = sums_name(question, tenant)
    sums: KeptSums | None = kept.pop(name, None)  # back only when nothing has failed
    if sums is None or not sums.bring_to(question, source):
        sums = KeptSums(question, source)
    kept[name] = sums
    return sums
