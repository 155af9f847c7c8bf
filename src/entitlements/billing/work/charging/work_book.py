"""Work book: the cases and terms of a customer, compiled, and what pays for the work on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import final

from entitlements.billing.work.charging.consumption import Paid, consumption
from entitlements.billing.work.charging.pieces import PricedTerms, rounded_pieces
from entitlements.billing.work.charging.rate_steps import CompiledRates
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_logs import WorkLog
from entitlements.calendars.business_hours import BusinessHours
from entitlements.kernel.converters import tuple_of
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import text_of, to_micros


@final
class WorkBook:
    """The cases of a customer by id, and the terms of its contract lines with compiled rates.

    Args:
        cases: The cases.
        terms: The terms of the contract lines; a line has several if they change.
        calendars: The calendars that rates name.

    Raises:
        DuplicateIdError: Two cases have one id, or two terms of one contract line overlap.
        UnknownIdError: A rate names a calendar that is not there.
    """

    def __init__(
        self,
        cases: Iterable[ChargedCase],
        terms: Iterable[WorkTerms],
        calendars: Mapping[str, BusinessHours],
    ) -> None:
        self.cases: dict[str, ChargedCase] = {}
        for case in tuple_of(ChargedCase, cases):
            if self.cases.setdefault(case.id, case) is not case:
                raise DuplicateIdError("case", case.id)
        self.terms: dict[tuple[str, str], list[PricedTerms]] = {}
        for each in sorted(tuple_of(WorkTerms, terms), key=lambda one: one.start):
            own = self.terms.setdefault(each.key, [])
            before = own[-1].terms.end if own else each.start
            if before is None or before > each.start:
                raise DuplicateIdError("contract line", each.line)
            rates = None if each.rates is None else CompiledRates(each.rates, calendars)
            own.append(PricedTerms(to_micros(each.start), each, rates))

    @property
    def every_terms(self) -> Iterator[WorkTerms]:
        """The terms of all contract lines."""
        return (each.terms for steps in self.terms.values() for each in steps)

    def check(self, log: WorkLog) -> None:
        """Raise unless the log names a known case and lies within the terms of its line."""
        path = f"work_logs[{log.id}]"
        case = self.cases.get(log.case)
        if case is None:
            raise UnknownIdError("case", log.case, known=self.cases, path=f"{path}.case")
        steps = self.terms.get((case.contract, case.line))
        if steps is None:
            known = [line for contract, line in self.terms if contract == case.contract]
            raise UnknownIdError("contract line", case.line, known=known, path=f"cases[{case.id}]")
        first, end = steps[0].terms.start, _end_at(steps, log.start)
        if log.start < first:
            message = (
                f"work began at `{text_of(log.start)}`, before the contract at `{text_of(first)}`"
            )
            raise InvalidValueError(message, path=f"{path}.start")
        if end is not None and log.end > end:
            message = f"work ended at `{text_of(log.end)}`, after the contract at `{text_of(end)}`"
            raise InvalidValueError(message, path=f"{path}.end")


def _end_at(steps: Sequence[PricedTerms], at: datetime) -> datetime | None:
    """Return the end of the terms that hold at an instant and of those that follow without a gap.

    None for no end.
    """
    end = steps[0].terms.end
    for each in steps[1:]:
        if each.terms.start > at and each.terms.start != end:
            break
        end = each.terms.end
    return end


def paid_work(logs: Iterable[WorkLog], book: WorkBook) -> list[Paid]:
    """Return the parts of some work by what pays for them, in the order of the logs.

    Args:
        logs: Valid logs that the book has checked, in the order of their start and id.
        book: The cases and terms.
    """
    pieces = rounded_pieces(logs, book.cases, book.terms)
    paid = consumption(pieces, book.every_terms)
    paid.sort(key=attrgetter("piece.number"))
    return paid
