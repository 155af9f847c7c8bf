"""Scopes of a report with their records: each survey and complaint in the group of its case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.surveys import Survey
from entitlements.outcomes.reports.case_sections import Scope
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period
from entitlements.outcomes.reports.records import ReportRecords

RecordT = TypeVar("RecordT", Survey, Complaint)


class RecordScope(NamedTuple):
    """The cases of a group, or of all, with the surveys about them and the complaints."""

    scope: Scope
    surveys: Sequence[Survey]
    complaints: Sequence[Complaint]


def scopes_of(
    cases: Sequence[MeasuredCase],
    surveys: Sequence[Survey],
    complaints: Sequence[Complaint],
    by_and_zone: tuple[str, str],
    period: Period,
) -> Iterator[RecordScope]:
    """Yield the scope of all cases, then that of each group.

    A complaint about no known case is in the group of its customer, if that is the dimension, and
    otherwise in that of the cases that have none. Surveys of unknown cases are left out.
    """
    by, zone = by_and_zone
    group_of = {each.id: each.value_of(by) for each in cases}
    of_cases: dict[str | None, list[MeasuredCase]] = {}
    of_surveys: dict[str | None, list[Survey]] = {}
    of_complaints: dict[str | None, list[Complaint]] = {}
    for case in cases:
        of_cases.setdefault(group_of[case.id], []).append(case)
    known = [each for each in earliest(surveys) if each.case in group_of]
    for survey in known:
        of_surveys.setdefault(group_of[survey.case], []).append(survey)
    for complaint in complaints:
        group = complaint.customer if by == "customer" else group_of.get(complaint.case or "")
        of_complaints.setdefault(group, []).append(complaint)
    yield RecordScope(
        Scope(cases, None, is_total=True, period=period, zone=zone), known, complaints
    )
    for group in sorted({*of_cases, *of_complaints}, key=lambda each: each or ""):
        own = of_cases.get(group, [])
        scope = Scope(own, group, is_total=False, period=period, zone=zone)
        yield RecordScope(scope, of_surveys.get(group, []), of_complaints.get(group, []))


def record_problems(records: ReportRecords, known: Collection[str]) -> dict[str, str]:
    """Return what is wrong with records, by the id of the case or of the record.

    Args:
        records: The records.
        known: The ids of all cases, also of those that could not be read.
    """
    found: dict[str, str] = {}
    for survey in records.surveys:
        if survey.case not in known:
            found[survey.case] = "a survey is about this case, which is not known"
    for complaint in records.complaints:
        for case in (complaint.case, complaint.correction):
            if case is not None and case not in known:
                found[case] = f"complaint `{complaint.id}` names this case, which is not known"
    for kind, of_kind in (("survey", records.surveys), ("complaint", records.complaints)):
        counts = Counter(map(_key, of_kind))
        for id in (id for id, number in counts.items() if number > 1):
            found[id] = f"there are several {kind}s `{id}`; the earliest one counts"
    return found


def earliest(records: Iterable[RecordT]) -> list[RecordT]:
    """Return one survey of each case, or one complaint of each id: the earliest, as they came."""
    found: dict[str, RecordT] = {}
    for each in records:
        known = found.setdefault(_key(each), each)
        if _since(each) < _since(known):
            found[_key(each)] = each
    return list(found.values())


def _key(record: Survey | Complaint) -> str:
    return record.case if isinstance(record, Survey) else record.id


def _since(record: Survey | Complaint) -> datetime:
    return record.asked if isinstance(record, Survey) else record.received
