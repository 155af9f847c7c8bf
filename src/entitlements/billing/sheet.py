"""Sheets: the charge lines of one customer and period, beside the sheets that were issued before.

A sheet that was issued never changes. What became known later, and what a rounding over two periods
moved, becomes an adjustment on the next sheet, which names the sheet that it corrects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final, final

import attrs

from entitlements.billing.explanation import sheet_sentences
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.calendars.timeline.zones import load_zone, zone_name
from entitlements.contracts.allowances.allowance import Unit
from entitlements.kernel.converters import tuple_of
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import MICROSECOND, instant_of, text_of, utc
from entitlements.kernel.money.currencies import currency_code
from entitlements.kernel.money.money import Money

_NOTHING: Final = timedelta()
_KINDS: Final = tuple(LineKind)


def _zone(value: str | None) -> str | None:
    return None if value is None else zone_name(value)


def _lines(values: Iterable[ChargeLine]) -> tuple[ChargeLine, ...]:
    return tuple_of(ChargeLine, values)


@final
@attrs.frozen(kw_only=True)
class Sheet:
    """All charge lines of a customer for one period.

    Attributes:
        id: Names the sheet.
        customer: Who pays.
        currency: The currency of all lines.
        start: First instant of the period.
        end: First instant after it.
        lines: The lines, in the order in which they were charged, then by what they are for.
        zone: The zone in which its days are counted and its times are written, which is that of the
            contract; None for UTC.

    Raises:
        InvalidValueError: The period is empty, a line is in another currency, or there is no such
            zone.
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    currency: str = attrs.field(converter=currency_code)
    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)
    lines: tuple[ChargeLine, ...] = attrs.field(default=(), converter=_lines)
    zone: str | None = attrs.field(default=None, converter=_zone)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidValueError(
                f"sheet `{self.id}` ends at `{text_of(self.end)}`, not after its start"
            )
        for each in self.lines:
            if each.amount.currency != self.currency:
                raise InvalidValueError(
                    f"a line for `{each.source}` is in `{each.amount.currency}`, and sheet "
                    f"`{self.id}` in `{self.currency}`",
                    hint="make one sheet for each currency",
                )

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the period, in its zone.

        >>> march = Sheet(id="1", customer="acme", currency="EUR", zone="Europe/Berlin",
        ...     start="2026-03-01T00:00+01:00", end="2026-04-01T00:00+02:00")
        >>> [str(each) for each in march.days]
        ['2026-03-01', '2026-03-31']
        """
        zone = load_zone(self.zone or "UTC").tzinfo
        last = (self.end - MICROSECOND).astimezone(zone)
        return self.start.astimezone(zone).date(), last.date()

    @property
    def total(self) -> Money:
        """What the customer pays for the period, adjustments and credits included."""
        return self.subtotal(self.lines)

    @property
    def totals(self) -> Mapping[LineKind, Money]:
        """The sum of each kind of line that is on the sheet, in the order of the kinds."""
        return {
            kind: self.subtotal(each for each in self.lines if each.kind is kind)
            for kind in LineKind
            if any(each.kind is kind for each in self.lines)
        }

    def subtotal(self, lines: Iterable[ChargeLine]) -> Money:
        """Return the sum of some lines, in the sheet's currency."""
        return Money.of_minor(sum(each.amount.minor_units for each in lines), self.currency)

    def for_case(self, case: str) -> tuple[ChargeLine, ...]:
        """Return the lines for one case."""
        return tuple(each for each in self.lines if each.case == case)

    def explain(self, zone: str | None = None) -> str:
        """Return the sheet as lines of text that a customer can check with a pocket calculator.

        Args:
            zone: The time zone of all times; None for that of the sheet, or for UTC as ISO 8601 if
                it has none.
        """
        named = self.zone if zone is None else zone_name(zone)
        return "\n".join(sheet_sentences(self.lines, self.totals, self.total, named))

    def covers(self, at: datetime) -> bool:
        """Return whether an instant lies in the period."""
        return self.start <= instant_of(at) < self.end


SHEET_DATA: Final = VersionedData("sheet", "The charge lines of a customer and period", Sheet)
"""A sheet as data, for example to keep it and make later sheets beside it."""


def make_sheet(
    lines: Iterable[ChargeLine],
    *,
    id: str,
    customer: str,
    currency: str,
    start: datetime,
    end: datetime,
    zone: str | None = None,
    issued: Iterable[Sheet] = (),
) -> Sheet:
    """Return the sheet of a period, from all lines as they are known now.

    The lines of the period are on it as they are. For the periods of sheets that were issued
    before, it has what is missing there, and an adjustment for everything that is different now.

    Args:
        lines: All lines of the customer: of this period, of the periods of the issued sheets, and
            of any other time, which is left out.
        id: Names the sheet.
        customer: Who pays.
        currency: The currency of the lines.
        start: First instant of the period.
        end: First instant after it.
        zone: The zone of its days and times; None for UTC.
        issued: The sheets that the customer got before, in any order.

    Raises:
        InvalidValueError: The period is empty, or a line is in another currency.
        ConflictError: An issued sheet is of another customer or currency, has the same id, or is
            given twice.

    >>> march = make_sheet([], id="2026-03", customer="acme", currency="EUR",
    ...                    start="2026-03-01T00:00Z", end="2026-04-01T00:00Z")
    >>> str(march.total)
    '0.00 EUR'
    """
    sheet = Sheet(id=id, customer=customer, currency=currency, start=start, end=end, zone=zone)
    earlier = sorted(tuple_of(Sheet, issued), key=lambda each: (each.start, each.id))
    for each in earlier:
        _check_comparable(sheet, each)
    _check_each_once(earlier)
    known = [each for each in _lines(lines) if _belongs(each, sheet, earlier)]
    before: dict[tuple[str, ...], list[tuple[Sheet, ChargeLine]]] = {}
    for old in earlier:
        for line in old.lines:
            before.setdefault(line.key, []).append((old, line))
    found: list[ChargeLine] = []
    now = {key: list(group) for key, group in groupby(sorted(known, key=_by_key), key=_by_key)}
    for key, own in now.items():
        issued_lines = before.pop(key, None)
        found += own if issued_lines is None else _adjustments(own, issued_lines)
    for gone in before.values():
        found += _adjustments([], gone)
    return attrs.evolve(sheet, lines=sorted(found, key=_order))


def _check_comparable(sheet: Sheet, other: Sheet) -> None:
    for field in ("customer", "currency"):
        if getattr(sheet, field) != getattr(other, field):
            raise ConflictError(
                f"sheet `{other.id}` has another `{field}` than sheet `{sheet.id}`", field=field
            )
    if sheet.id == other.id:
        raise ConflictError(
            f"sheet `{sheet.id}` was issued before", field="id", hint="choose another id"
        )


def _check_each_once(issued: Sequence[Sheet]) -> None:
    """Refuse a sheet that is given twice: half of what it charged would be paid back."""
    for id, times in Counter(each.id for each in issued).items():
        if times > 1:
            raise ConflictError(
                f"issued sheet `{id}` is given {times} times", field="issued", hint="pass it once"
            )


def _belongs(line: ChargeLine, sheet: Sheet, earlier: Sequence[Sheet]) -> bool:
    return any(each.covers(line.charged_at) for each in (sheet, *earlier))


def _by_key(line: ChargeLine) -> tuple[str, ...]:
    return line.key


def _order(line: ChargeLine) -> tuple[object, ...]:
    """Return the place of a line: when it was charged, what it is for, and all that differs."""
    amount = line.amount.minor_units
    return (
        *(line.charged_at, line.key, line.start, _KINDS.index(line.kind), line.grant or ""),
        *(line.units, line.worked, line.billed, line.rate or "", amount, line.named or ""),
    )


def _adjustments(
    now: Sequence[ChargeLine], issued: Sequence[tuple[Sheet, ChargeLine]]
) -> list[ChargeLine]:
    """Return the adjustments after which all that was issued for one thing equals `now`."""
    old = [line for _, line in issued]
    sheet, first = issued[0]
    amount = _sum(now) - _sum(old)
    worked, billed = _times(now), _times(old)
    units = _units(now)
    units.subtract(_units(old))
    changed = sorted(grant for grant, number in units.items() if number)
    differs = amount or worked != billed or changed
    if not differs:
        return []
    like = now[0] if now else first
    adjustment = attrs.evolve(
        like,
        kind=LineKind.ADJUSTMENT,
        reason=LineReason.CORRECTED,
        start=first.start,
        end=first.end,
        charged_at=first.charged_at,
        worked=worked[0] - billed[0],
        billed=worked[1] - billed[1],
        unit=None,
        units=0,
        grant=None,
        rate=None,
        hourly=None,
        full_price=None,
        after_hours=False,
        amount=Money.of_minor(amount, first.amount.currency),
        named=sheet.id,
    )
    counted = {each.grant: each.unit for each in (*old, *now) if each.unit is not None}
    paid = [adjustment] if amount or worked != billed else []
    return [
        *paid,
        *(_of_grant(adjustment, grant, units[grant], counted[grant]) for grant in changed),
    ]


def _of_grant(line: ChargeLine, grant: str, units: int, unit: Unit | None) -> ChargeLine:
    """Return an adjustment of the units that were taken from one grant, and of nothing else."""
    return attrs.evolve(
        line,
        worked=_NOTHING,
        billed=_NOTHING,
        unit=unit,
        units=units,
        grant=grant,
        amount=Money.zero(line.amount.currency),
    )


def _sum(lines: Iterable[ChargeLine]) -> int:
    return sum(each.amount.minor_units for each in lines)


def _times(lines: Iterable[ChargeLine]) -> tuple[timedelta, timedelta]:
    own = list(lines)
    return (
        sum((each.worked for each in own), _NOTHING),
        sum((each.billed for each in own), _NOTHING),
    )


def _units(lines: Iterable[ChargeLine]) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in lines:
        if each.grant is not None and each.units:
            found[each.grant] += each.units
    return found
