"""Work charges: the lines for work, from logs, cases, terms and rates.

`charge_work` folds all work of a customer at once, because a grant pays for what was done first and
time is rounded over a whole case. A period of a bill is cut out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import final

from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.billing.work.charging.consumption import Paid
from entitlements.billing.work.charging.pieces import Piece
from entitlements.billing.work.charging.rate_steps import HourlyPrice, hourly_price
from entitlements.billing.work.charging.work_book import WorkBook, paid_work
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_logs import WorkLog, valid_work
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.plans import ChargeBasis
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import MICROSECOND, from_micros
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

    >>> from entitlements.billing import ChargedCase, WorkLog, WorkTerms
    >>> terms = WorkTerms(contract="C-1", line="main", zone="UTC", start="2026-01-01T00:00Z",
    ...                   basis="included")
    >>> log = WorkLog(id="W-1", case="R-1", agent="ada", start="2026-03-27T16:00Z",
    ...               end="2026-03-27T17:00Z")
    >>> case = ChargedCase(id="R-1", contract="C-1", line="main")
    >>> [str(each.amount) for each in charge_work([log], [case], [terms], currency="EUR")]
    ['0.00 EUR']
    """
    book = WorkBook(cases, terms, calendars or {})
    bill = _Bill(book, currency)
    valid = valid_work(logs, known_at)
    for log in valid:
        book.check(log)
    return tuple(_lines(paid_work(valid, book), bill))


@final
class _Bill:
    """The currency of a bill, and the prices of overage by the terms that state them."""

    def __init__(self, book: WorkBook, currency: str) -> None:
        self.currency = currency_code(currency)
        self.free = Money.zero(self.currency)
        self.overage: dict[int, HourlyPrice] = {}
        for each in book.every_terms:
            self._check_currency(each)
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


def _lines(parts: list[Paid], bill: _Bill) -> Iterator[ChargeLine]:
    """Yield a line for each part; the time of a piece is given to its parts in their order."""
    last, worked = None, 0
    for part, following in zip_longest(parts, parts[1:]):
        piece = part.piece
        if piece is not last:
            last, worked = piece, piece.end - piece.start
        own = worked
        if following is not None and following.piece is piece:
            own = min(worked, part.billed)
        worked -= own
        yield _line(part, own, bill)


def _line(part: Paid, worked: int, bill: _Bill) -> ChargeLine:
    piece = part.piece
    log, case = piece.log, piece.case
    kind, reason = _kind(part)
    price = None
    if kind is LineKind.OVERAGE:
        price = bill.overage.get(id(piece.terms)) or _rate_of(piece)
    elif kind is LineKind.TIME_AND_MATERIALS:
        price = _rate_of(piece)
    billed = part.billed * MICROSECOND
    return ChargeLine(
        kind=kind,
        reason=reason,
        contract=case.contract,
        line=case.line,
        source=log.id,
        start=log.start if piece.start == piece.log_start else from_micros(piece.start),
        end=log.end if piece.end == piece.log_end else from_micros(piece.end),
        charged_at=log.start,
        amount=bill.free
        if price is None
        else Money.of_minor(price.amount(part.billed), bill.currency),
        case=case.id,
        agent=log.agent,
        work_kind=log.kind,
        worked=billed if worked == part.billed else worked * MICROSECOND,
        billed=billed,
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
