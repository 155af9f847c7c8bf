"""Promises from cases: which promises their histories show to be kept or missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.engine.statements.earned_credits import PromiseVerdict
from entitlements.kernel.instants import EARLIEST, from_micros
from entitlements.outcomes.attainment import AttainmentBasis, Verdict, promises_of
from entitlements.outcomes.cases import CaseRecord

_KEPT: Final = {Verdict.MET: True, Verdict.MISSED: False}


def case_verdicts(case: CaseRecord, until: date, zone: str) -> Iterator[PromiseVerdict]:
    """Yield the promises to a case that were kept or missed before a day.

    Args:
        case: The case with its history.
        until: What is decided on this day or later is left out.
        zone: The zone in which the day begins.

    Raises:
        EntitlementsError: Its clocks cannot be measured, for example over a calendar that ends.
    """
    end = from_micros(day_start(until, zone))
    for each in promises_of(case, EARLIEST, end, AttainmentBasis.DECIDED):
        if each.verdict in _KEPT and each.at is not None:
            yield PromiseVerdict(
                case=case.id, milestone=each.milestone, at=each.at, kept=_KEPT[each.verdict]
            )
