"""Billing minute by minute: what the guide says of work, in the slowest way.

The minutes of the clock are looked at one by one, because prices and days change with them, and so
are the minutes of grants. It uses no function of `entitlements.billing`, only fields of its values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from entitlements.billing.work.rates import Rate
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_logs import WorkLog
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.allowances.grants import Grant
from entitlements.kernel.instants import utc

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_NEVER = utc("9990-01-01T00:00Z")


class OracleLine(NamedTuple):
    """What a charge line must say: by whom, when, how paid, for how long, and what it costs."""

    source: str
    start: datetime
    kind: str
    seconds: Fraction
    grant: str | None
    units: int
    cents: int


class _Piece:
    """A part of a log with one price on one day, and what rounding makes of its length."""

    def __init__(self, log: WorkLog, start: datetime, price: Fraction | None) -> None:
        self.log = log
        self.start = start
        self.price = price
        self.worked = 0
        self.billed = 0


class _Pot:
    """What is left of a grant."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.left = grant.amount
        self.over = 0
        self.is_cut = False

    def holds(self, at: datetime) -> bool:
        rolls = self.grant.rollover
        if (
            rolls is not None
            and self.grant.resets is not None
            and at >= self.grant.resets
            and not self.is_cut
        ):
            self.left, self.is_cut = min(rolls.at_most, max(rolls.at_least, self.left)), True
        return self.grant.effective <= at < (self.grant.expires or _NEVER)

    def may_overdraw(self, *, consent: bool) -> bool:
        if self.grant.over_use.value == "allow_with_consent":
            return consent
        return self.grant.over_use.value == "cap" and self.over < (self.grant.cap or 0)

    def give(
        self, seconds: Fraction | int, worth: Fraction | int, *, is_over: bool, consent: bool
    ) -> tuple[int, Fraction, Fraction]:
        """Return the minutes taken, the seconds they pay, and what is left of the last one."""
        units, time, rest = 0, _whole(Fraction()), Fraction()
        while time < seconds and (self.may_overdraw(consent=consent) if is_over else self.left):
            units += 1
            self.over += is_over
            self.left -= not is_over
            used = min(seconds - time, worth)
            time += used
            rest = Fraction() if is_over or used == worth else 1 - Fraction(used) / worth
        return units, Fraction(time), rest


def _whole(value: Fraction) -> Fraction | int:
    """Return a number as an int if it is whole, which is much faster to count with."""
    return value.numerator if value.denominator == 1 else value


def charged_by_the_guide(
    logs: Sequence[WorkLog],
    cases: Sequence[ChargedCase],
    terms: Sequence[WorkTerms],
    calendars: Mapping[str, BusinessHours],
) -> list[OracleLine]:
    """Return the lines of work, in the order of the logs."""
    found: list[OracleLine] = []
    for each in terms:
        own = {
            case.id: case
            for case in cases
            if (case.contract, case.line) == (each.contract, each.line)
        }
        mine = [log for log in _valid(logs) if log.case in own]
        found += _of_one_line(mine, own, each, calendars)
    order = {log.id: number for number, log in enumerate(_valid(logs))}
    return sorted(found, key=lambda line: (order[line.source], line.start))


def _valid(logs: Sequence[WorkLog]) -> list[WorkLog]:
    last: dict[str, WorkLog] = {}
    for log in logs:
        other = last.get(log.id)
        if other is None or (log.recorded or log.start) > (other.recorded or other.start):
            last[log.id] = log
    return sorted((x for x in last.values() if not x.retracted), key=lambda x: (x.start, x.id))


def _of_one_line(
    logs: Sequence[WorkLog],
    cases: Mapping[str, ChargedCase],
    terms: WorkTerms,
    calendars: Mapping[str, BusinessHours],
) -> Iterator[OracleLine]:
    pieces: list[_Piece] = []
    for log in logs:
        case = cases[log.case]
        if not log.billable or case.follow_up_of or case.prepaid_by:
            yield from _free(log, case, terms)
        else:
            pieces += _cut(log, case, terms, calendars)
    groups: dict[object, list[_Piece]] = {}
    for piece in pieces:
        scope = {
            "case": piece.log.case,
            "day": (piece.log.case, _day(piece.start, terms.zone)),
            "entry": piece.log.id,
        }[terms.rounding.per.value]
        groups.setdefault(scope, []).append(piece)
    for group in groups.values():
        _round(group, terms)
    yield from _paid(pieces, groups, cases, terms)


def _free(log: WorkLog, case: ChargedCase, terms: WorkTerms) -> Iterator[OracleLine]:
    is_case = log.billable and not case.follow_up_of
    kind = "prepaid" if is_case else "included"
    start, seconds = log.start, 0
    per_day = terms.rounding.per.value == "day"
    for at, length in _minutes(log):
        if per_day and _day(at, terms.zone) != _day(start, terms.zone):
            yield OracleLine(log.id, start, kind, Fraction(seconds), case.prepaid_by, 0, 0)
            start, seconds = at, 0
        seconds += length
    yield OracleLine(log.id, start, kind, Fraction(seconds), case.prepaid_by, 0, 0)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _cut(
    log: WorkLog, case: ChargedCase, terms: WorkTerms, calendars: Mapping[str, BusinessHours]
) -> list[_Piece]:
    pieces: list[_Piece] = []
    now: object = None
    by_day: dict[date, Rate | None] = {}
    zone = "UTC" if terms.rates is None else terms.rates.zone
    for at, length in _minutes(log):
        today = _day(at, zone)
        if today not in by_day:
            by_day[today] = _rate(log, case, terms, today)
        rate = by_day[today]
        is_after = False
        if rate is not None and rate.after_hours is not None:
            is_after = not calendars[rate.after_hours.hours].is_open(at)
        day = _day(at, terms.zone) if terms.rounding.per.value == "day" else None
        if not pieces or now != (rate, is_after, day):
            now = rate, is_after, day
            pieces.append(_Piece(log, at, _price(rate, is_after=is_after)))
        pieces[-1].worked += length
    return pieces


def _minutes(log: WorkLog) -> Iterator[tuple[datetime, int]]:
    """Yield the minutes of the clock in which work was done, with the seconds of each."""
    at, stop = log.start, log.start.replace(second=0) + _MINUTE
    while stop < log.end:
        yield at, 60 if at.second == 0 else (stop - at) // _SECOND
        at, stop = stop, stop + _MINUTE
    yield at, (log.end - at) // _SECOND


def _rate(log: WorkLog, case: ChargedCase, terms: WorkTerms, day: date) -> Rate | None:
    best: Rate | None = None
    card = terms.rates
    for rate in card.rates if card is not None else ():
        group = log.group or case.group
        wrong = (
            (rate.agents and log.agent not in rate.agents)
            or (rate.groups and group not in rate.groups)
            or (rate.kinds and log.kind not in rate.kinds)
            or (rate.start and day < rate.start)
            or (rate.end and day > rate.end)
        )
        if not wrong and (best is None or _is_better(rate, best)):
            best = rate
    return best


def _is_better(one: Rate, other: Rate) -> bool:
    for mine, theirs in (
        (one.agents, other.agents),
        (one.groups, other.groups),
        (one.kinds, other.kinds),
    ):
        if bool(mine) != bool(theirs):
            return bool(mine)
    return (one.start or date.min) > (other.start or date.min)


def _price(rate: Rate | None, *, is_after: bool) -> Fraction | None:
    """Return the cents of an hour."""
    if rate is None:
        return None
    usual, after = Fraction(rate.hourly.amount), rate.after_hours
    if is_after and after is not None:
        if after.multiplier is not None:
            usual *= Fraction(after.multiplier)
        elif after.surcharge is not None:
            usual += Fraction(after.surcharge.amount)
        elif after.hourly is not None:
            usual = Fraction(after.hourly.amount)
    return 100 * usual


def _round(group: list[_Piece], terms: WorkTerms) -> None:
    rule = terms.rounding
    worked = sum(piece.worked for piece in group)
    total = max(worked, rule.minimum // _SECOND)
    step = rule.increment // _SECOND
    if step:
        low = total // step * step
        high = low if low == total else low + step
        nearer_high = high - total < total - low or (
            high - total == total - low and rule.tie.value == "up"
        )
        total = {"up": high, "down": low, "nearest": high if nearer_high else low}[
            rule.direction.value
        ]
    for piece in group:
        piece.billed = piece.worked
    while worked < total:
        group[-1].billed += 1
        worked += 1
    for piece in reversed(group):
        while worked > total and piece.billed:
            piece.billed -= 1
            worked -= 1


def _use_order(pot: _Pot) -> tuple[int, datetime, datetime, str]:
    grant = pot.grant
    return grant.priority, grant.expires or _NEVER, grant.effective, grant.id


class _Part:
    """A part of a piece, what pays for it, and for how many seconds."""

    def __init__(self, kind: str, seconds: Fraction, grant: str | None, units: int) -> None:
        self.kind = kind
        self.seconds = seconds
        self.grant = grant
        self.units = units


def _paid(
    pieces: Sequence[_Piece],
    groups: Mapping[object, list[_Piece]],
    cases: Mapping[str, ChargedCase],
    terms: WorkTerms,
) -> Iterator[OracleLine]:
    pots = sorted(map(_Pot, terms.grants), key=_use_order)
    coming = sorted(pots, key=lambda pot: pot.grant.effective)
    group_of = {id(piece): key for key, group in groups.items() for piece in group}
    ahead: dict[object, tuple[Fraction, str]] = {}
    found: list[tuple[_Piece, list[_Part]]] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        while coming and coming[0].grant.effective <= piece.start:
            _pay_what_is_owed(coming.pop(0), found, terms)
        in_force = [pot for pot in pots if pot.holds(piece.start)]
        consent, key = cases[piece.log.case].consent, group_of[id(piece)]
        parts = _parts(piece, in_force, ahead, key, terms, consent=consent)
        found.append((piece, parts))
    for piece, parts in found:
        for part in parts:
            cents = _cents(piece, part.kind, part.seconds, terms)
            of = piece.log.id, piece.start, part.kind, part.seconds, part.grant, part.units
            yield OracleLine(*of, cents)


def _parts(
    piece: _Piece,
    in_force: Sequence[_Pot],
    ahead: dict[object, tuple[Fraction, str]],
    key: object,
    terms: WorkTerms,
    *,
    consent: bool,
) -> list[_Part]:
    """Return what pays for a piece: a minute begun before, grants, overage, then the plan."""
    worth = _whole(60 / terms.unit_factors.get(piece.log.kind, Fraction(1)))
    parts: list[_Part] = []
    left: Fraction | int = piece.billed
    if in_force and key in ahead and left:
        minutes, grant = ahead.pop(key)
        used = Fraction(min(left, minutes * worth))
        left -= used
        if minutes * worth > used:
            ahead[key] = minutes - used / worth, grant
        parts.append(_Part("prepaid", used, grant, 0))
    for is_over in (False, True):
        for pot in in_force:
            units, time, spare = pot.give(
                _whole(Fraction(left)), worth, is_over=is_over, consent=consent
            )
            left -= time
            if units:
                kind = "overage" if is_over else "prepaid"
                parts.append(_Part(kind, time, pot.grant.id, units))
            if spare:
                ahead[key] = spare, pot.grant.id
    if left or not parts:
        rest = "included" if terms.basis.value == "included" else "time_and_materials"
        parts.append(_Part(rest, Fraction(left), None, 0))
    return parts


def _pay_what_is_owed(
    pot: _Pot, found: Sequence[tuple[_Piece, list[_Part]]], terms: WorkTerms
) -> None:
    """Let a grant that begins pay for earlier overage, minute by minute, the oldest first."""
    if terms.overage.value != "next_grant":
        return
    for _, parts in found:
        for part in [each for each in parts if each.kind == "overage"]:
            taken = 0
            while taken < part.units and pot.left:
                taken += 1
                pot.left -= 1
            if not taken:
                return
            time = part.seconds * taken / part.units
            if taken < part.units:
                parts.append(_Part("overage", part.seconds - time, part.grant, part.units - taken))
            part.kind, part.seconds, part.grant, part.units = "prepaid", time, pot.grant.id, taken


def _cents(piece: _Piece, kind: str, seconds: Fraction, terms: WorkTerms) -> int:
    if kind not in {"overage", "time_and_materials"}:
        return 0
    hourly = piece.price or Fraction()
    if kind == "overage" and terms.overage_hourly is not None:
        hourly = 100 * Fraction(terms.overage_hourly.amount)
    exact = hourly * seconds / 3600
    return int(exact + Fraction(1, 2))
