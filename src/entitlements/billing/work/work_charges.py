"""Work charges: the lines for work, from logs, cases, terms and rates.

`charge_work` folds all work of a customer at once, because a grant pays for what was done first and
time is rounded over a whole case. A period of a bill is cut out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import final

from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.billing.work.charging.consumption import Paid, consumption
from entitlements.billing.work.charging.pieces import Piece, PricedTerms, rounded_pieces
from entitlements.billing.work.charging.rate_steps import CompiledRates, HourlyPrice, hourly_price
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_logs import WorkLog, valid_work
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.plans import ChargeBasis
from entitlements.kernel.converters import tuple_of
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import MICROSECOND, from_micros, to_micros
from entitlements.kernel.money.currencies import currency_code
from entitlements.kernel.money.money import Money


def charge_work(
    logs: Iterable[WorkLog],
    cases: Iterable[ChargedCase],
    terms: Iterable[WorkTerms],
    *,
    calendars: Mapping[str, BusinessHours] | None = None,
    currency: str,
    known_at: datetime | None = None,
) -> tuple[ChargeLine, ...]:
    """Return the charge lines of some work, in the order in which it was done, then by id.

    First comes what is free: work that is not billable, follow-ups within the warranty, and cases
    that were paid as a whole. Then grants pay, in their order; then overage, as far as it was
    agreed; and the rest is charged as the plan says. Nothing is charged if anything is wrong.

    Args:
        logs: All records of work; of those with one id the one recorded last is valid.
        cases: The cases of the logs.
        terms: The terms of the contract lines of the cases. A line has several if they change;
            those in which the work begins hold for it.
        calendars: The calendars that rates name.
        currency: The currency of lines that cost nothing, and of all others.
        known_at: Leave out what was recorded later; None for everything.

    Raises:
        UnknownIdError: A log names a case, a case a contract line, or a rate a calendar that is
            not given.
        InvalidValueError: Work lies outside of the terms, has no rate where it needs one, or is
            charged in another currency.
        ConflictError: Two different logs with one id were recorded at the same instant.
        DuplicateIdError: Two cases have one id, or two terms of one contract line overlap.
    """
    book = _Book(cases, terms, currency, calendars or {})
    valid = valid_work(logs, known_at)
    for log in valid:
        book.check(log)
    pieces = rounded_pieces(valid, book.cases, book.terms)
    paid = consumption(pieces, (each.terms for steps in book.terms.values() for each in steps))
    order = {id(each): number for number, each in enumerate(pieces)}
    paid.sort(key=lambda each: order[id(each.piece)])
    return tuple(
        line
        for _, parts in groupby(paid, key=lambda each: id(each.piece))
        for line in _lines(list(parts), book)
    )


@final
class _Book:
    """The cases and terms of a customer, by id, with compiled rates."""

    def __init__(
        self,
        cases: Iterable[ChargedCase],
        terms: Iterable[WorkTerms],
        currency: str,
        calendars: Mapping[str, BusinessHours],
    ) -> None:
        self.currency = currency_code(currency)
        self.cases: dict[str, ChargedCase] = {}
        for case in tuple_of(ChargedCase, cases):
            if self.cases.setdefault(case.id, case) is not case:
                raise DuplicateIdError("case", case.id)
        self.terms: dict[tuple[str, str], list[PricedTerms]] = {}
        self.overage: dict[int, HourlyPrice] = {}
        for each in sorted(tuple_of(WorkTerms, terms), key=lambda one: one.start):
            own = self.terms.setdefault(each.key, [])
            before = own[-1].terms.end if own else each.start
            if before is None or before > each.start:
                raise DuplicateIdError("contract line", each.line)
            self._check_currency(each)
            rates = None if each.rates is None else CompiledRates(each.rates, calendars)
            own.append(PricedTerms(to_micros(each.start), each, rates))
            if each.overage_hourly is not None:
                self.overage[id(each)] = hourly_price(each.overage_hourly)

    def _check_currency(self, terms: WorkTerms) -> None:
        for price in (terms.rates, terms.overage_hourly):
            if price is not None and price.currency != self.currency:
                raise InvalidValueError(
                    f"contract `{terms.contract}` is charged in `{price.currency}`, "
                    f"and the bill is in `{self.currency}`",
                    hint="make one bill for each currency",
                )

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
            message = f"work began at `{log.start}`, before the contract at `{first}`"
            raise InvalidValueError(message, path=f"{path}.start")
        if end is not None and log.end > end:
            message = f"work ended at `{log.end}`, after the contract at `{end}`"
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


def _lines(parts: list[Paid], book: _Book) -> Iterator[ChargeLine]:
    """Yield the lines of one piece; the time that was worked is given to them in order."""
    piece = parts[0].piece
    worked = piece.end - piece.start
    for number, part in enumerate(parts, 1):
        own = worked if number == len(parts) else min(worked, part.billed)
        worked -= own
        yield _line(part, own, book)


def _line(part: Paid, worked: int, book: _Book) -> ChargeLine:
    piece = part.piece
    log, case = piece.log, piece.case
    kind, reason = _kind(part)
    price = None
    if kind is LineKind.OVERAGE:
        price = book.overage.get(id(piece.terms)) or _rate_of(piece)
    elif kind is LineKind.TIME_AND_MATERIALS:
        price = _rate_of(piece)
    minor = 0 if price is None else price.amount(part.billed)
    return ChargeLine(
        kind=kind,
        reason=reason,
        contract=case.contract,
        line=case.line,
        source=log.id,
        start=from_micros(piece.start),
        end=from_micros(piece.end),
        charged_at=log.start,
        amount=Money.of_minor(minor, book.currency),
        case=case.id,
        agent=log.agent,
        work_kind=log.kind,
        worked=worked * MICROSECOND,
        billed=part.billed * MICROSECOND,
        unit=Unit.MINUTES if part.units else None,
        units=part.units,
        grant=part.grant or case.prepaid_by,
        rate=None if price is None or price.rate is None else price.rate.id,
        hourly=None if price is None else price.hourly,
        after_hours=price is not None and price.after_hours,
        named=case.follow_up_of if reason is LineReason.FOLLOW_UP else None,
    )


def _kind(part: Paid) -> tuple[LineKind, LineReason]:
    case, terms = part.piece.case, part.piece.terms
    if not part.piece.log.billable:
        return LineKind.INCLUDED, LineReason.NOT_BILLABLE
    if case.follow_up_of is not None:
        return LineKind.INCLUDED, LineReason.FOLLOW_UP
    if case.prepaid_by is not None:
        return LineKind.PREPAID, LineReason.CASE_PREPAID
    if part.grant is not None and not part.is_overage:
        return LineKind.PREPAID, LineReason.GRANT
    if part.is_overage:
        return LineKind.OVERAGE, LineReason.GRANTS_USED_UP
    return _kind_without_grant(terms)


def _kind_without_grant(terms: WorkTerms) -> tuple[LineKind, LineReason]:
    if terms.basis is ChargeBasis.TIME_AND_MATERIALS:
        reason = LineReason.GRANTS_USED_UP if terms.grants else LineReason.NO_ALLOWANCE
        return LineKind.TIME_AND_MATERIALS, reason
    return LineKind.INCLUDED, LineReason.OVERAGE_NOT_AGREED if terms.grants else LineReason.FEE


def _rate_of(piece: Piece) -> HourlyPrice:
    if piece.price is not None:
        return piece.price
    log, terms = piece.log, piece.terms
    if terms.rates is None:
        raise InvalidValueError(
            f"work on contract `{terms.contract}` is charged by the hour, and it has no rates",
            hint="name a rate card",
            path=f"work_logs[{log.id}]",
        )
    raise InvalidValueError(
        f"rate card `{terms.rates.id}` has no rate for `{log.kind}` by `{log.agent}` at "
        f"`{from_micros(piece.start)}`",
        hint="add a rate for this kind of work, or one for all",
        path=f"work_logs[{log.id}]",
    )
