"""Laws of open time, for every `BusinessHours` and for instants and amounts of any kind.

Each is a function that returns None if the law holds and raises `AssertionError` if it does not.
`agree` asks hours and their oracle the same seeded questions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Final

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.state import Open
from entitlements.calendars.timeline.zones import load_zone
from entitlements.kernel.errors import LimitExceededError, NeverReachedError
from entitlements.kernel.instants import MICROSECOND
from entitlements.testing.oracles.calendars import Painting

_ZERO: Final = timedelta()


def _require(holds: bool, law: str, *what: object) -> None:  # noqa: FBT001 - it is the statement
    if not holds:
        raise AssertionError(f"{law}: {what}")


def membership_is_lying_in_a_period(
    hours: BusinessHours, start: datetime, end: datetime, at: datetime
) -> None:
    """Law 1: periods are sorted, apart and not empty, and hold exactly the open instants."""
    periods = list(hours.periods(start, end))
    for one, next_one in pairwise(periods):
        _require(one.end < next_one.start, "periods are apart", one, next_one)
    if start <= at < end:
        inside = any(at in each for each in periods)
        _require(hours.is_open(at) == inside, "open is in a period", at)
    _require(
        sum((each.length for each in periods), _ZERO) == max(hours.between(start, end), _ZERO),
        "between is the length of the periods",
        start,
        end,
    )


def open_time_adds_up(hours: BusinessHours, a: datetime, b: datetime, c: datetime) -> None:
    """Law 2: open time is additive over any three instants, and signed."""
    between = hours.between
    _require(between(a, b) + between(b, c) == between(a, c), "additive", a, b, c)
    _require(between(a, b) == -between(b, a), "signed", a, b)


def adding_uses_up_the_amount(hours: BusinessHours, at: datetime, amount: timedelta) -> None:
    """Law 3: between `at` and the answer there is exactly the amount, forward and back."""
    due = added(hours, at, amount)
    if due is not None:
        _require(hours.between(at, due) == amount, "used up", at, amount, due)


def waiting_adds_up(hours: BusinessHours, at: datetime, one: timedelta, two: timedelta) -> None:
    """Law 4: waiting for `one`, then for `two`, is waiting for both, if both go one way."""
    if (one < _ZERO) != (two < _ZERO) and one and two:
        two = -two
    first = added(hours, at, one)
    both = added(hours, at, one + two)
    second = None if first is None else added(hours, first, two)
    _require(second == both, "waiting adds up", at, one, two, second, both)


def order_is_kept(
    hours: BusinessHours, at: datetime, later: datetime, amount: timedelta, more: timedelta
) -> None:
    """Law 5: who starts later, or has more time, is not due earlier."""
    at, later = sorted((at, later))
    amount, more = sorted((amount, more))
    _require(_in_order(added(hours, at, amount), added(hours, later, amount)), "start", at, later)
    _require(_in_order(added(hours, at, amount), added(hours, at, more)), "amount", amount, more)


def there_and_back(hours: BusinessHours, at: datetime, amount: timedelta) -> None:
    """Law 6: going on and back again ends at or after the start; at it, inside open time."""
    amount = abs(amount)
    due = added(hours, at, amount)
    if due is not None and amount:
        back = hours.add(due, -amount)
        _require(back >= at, "not before the start", at, amount, back)
        if hours.is_open(at) and hours.is_open(at - MICROSECOND):
            _require(back == at, "at the start", at, amount, back)


def changes_are_changes(hours: BusinessHours, at: datetime) -> None:
    """Law 7: a change is strictly before or after, and the state differs on its two sides."""
    is_open = hours.is_open
    for find, opens, sign in (
        (hours.next_open, True, 1),
        (hours.next_close, False, 1),
        (hours.previous_open, True, -1),
        (hours.previous_close, False, -1),
    ):
        change = find(at)
        if change is not None:
            _require((change > at) if sign > 0 else (change < at), "strict", find.__name__, at)
            _require(is_open(change) is opens, "after a change", change)
            _require(is_open(change - MICROSECOND) is not opens, "before a change", change)
    state = hours.state(at)
    _require(isinstance(state, Open) == is_open(at), "state", at, state)
    until = hours.next_close(at) if isinstance(state, Open) else hours.next_open(at)
    _require(state.until == until, "until", at, state)
    _require(state.since is None or state.since <= at, "since", at, state)


def sets_are_sets(one: BusinessHours, two: BusinessHours, start: datetime, end: datetime) -> None:
    """Law 8: inclusion and exclusion, disjoint difference, double complement, De Morgan."""
    both = (one | two).between(start, end) + (one & two).between(start, end)
    _require(both == one.between(start, end) + two.between(start, end), "inclusion", start, end)
    nothing = ((one - two) & two).between(start, end)
    _require(nothing == _ZERO, "disjoint", start, end)
    _require(~~one == one, "double complement", one)
    _require(~(one | two) == ~one & ~two, "De Morgan", one, two)
    outside = (~(one | two)).between(start, end)
    _require(outside == (~one & ~two).between(start, end), "De Morgan, counted", start, end)
    _require((~one).between(start, end) == end - start - one.between(start, end), "rest", start)


def order_of_boundaries_is_kept(zone: str, day: int, one: int, two: int) -> None:
    """Law 10: of two wall times the later never comes first, on any date of any zone."""
    one, two = sorted((one, two))
    clock = load_zone(zone)
    _require(clock.instant(day, one) <= clock.instant(day, two), "order", zone, day, one, two)
    _require(clock.instant(day, 86_400) == clock.instant(day + 1), "days tile", zone, day)


def every_call_ends(hours: BusinessHours, at: datetime, amount: timedelta) -> None:
    """Law 12: whatever the amount, there is an instant or a typed error that says why not."""
    try:
        due = hours.add(at, amount)
    except NeverReachedError as error:
        _require(_ZERO <= error.available < abs(amount), "available", at, amount, error)
    except LimitExceededError:
        _require(abs(amount) > timedelta(days=365), "within the years", at, amount)
    else:
        _require(hours.between(at, due) == amount, "used up", at, amount, due)


def agree(hours: BusinessHours, around: datetime, seed: int, rounds: int) -> int:
    """Law 11: compare hours with their painted twin on random questions near `around`.

    Args:
        hours: All boundaries in whole minutes.
        around: The middle of the painting, which is ten days long.
        seed: Chooses the questions.
        rounds: How many rounds of seven questions to ask.

    Returns:
        How many answers were compared.
    """
    chance = Random(seed)  # noqa: S311 - questions, not secrets
    around = around.astimezone(UTC)
    painting = Painting(hours, around - timedelta(days=5), around + timedelta(days=5))
    for _ in range(rounds):
        at, other = _instant(chance, around), _instant(chance, around)
        _require(hours.is_open(at) == painting.is_open(at), "is open", hours, at)
        _same(hours.between(at, other), painting.between(at, other), "between", hours, at, other)
        for name in ("next_open", "next_close", "previous_open", "previous_close"):
            _same_change(getattr(hours, name), getattr(painting, name), painting, at)
        amount = painting.between(at, other) if chance.random() < 0.3 else _amount(chance)  # noqa: PLR2004 - odds
        expected, found = painting.add(at, amount), added(hours, at, amount)
        if expected is None:
            outside = found is None or not painting.start < found < painting.end
            _require(outside, "add", hours, at, amount, found)
        else:
            _same(found, expected, "add", hours, at, amount)
    return rounds * 7


def _same(found: object, expected: object, *what: object) -> None:
    _require(found == expected, f"expected {expected}, found {found}", *what)


def _same_change(
    find: Callable[[datetime], datetime | None],
    paint: Callable[[datetime], datetime | None],
    painting: Painting,
    at: datetime,
) -> None:
    found, expected = find(at), paint(at)
    if expected is None:
        outside = found is None or not painting.start < found < painting.end
        _require(outside, find.__name__, at, found)
    else:
        _same(found, expected, find.__name__, at)


def _instant(chance: Random, around: datetime) -> datetime:
    if chance.random() < 0.6:  # noqa: PLR2004 - most boundaries are at whole half hours
        return around + timedelta(minutes=30) * chance.randrange(-200, 200)
    return around + MICROSECOND * chance.randrange(-4 * 86_400_000_000, 4 * 86_400_000_000)


def _amount(chance: Random) -> timedelta:
    return timedelta(minutes=30) * chance.randrange(-60, 60)


def added(hours: BusinessHours, at: datetime, amount: timedelta) -> datetime | None:
    """Return what `add` answers, or None where it says that there is no such instant."""
    try:
        return hours.add(at, amount)
    except (NeverReachedError, LimitExceededError):
        return None


def _in_order(one: datetime | None, two: datetime | None) -> bool:
    return one is None or two is None or one <= two


def same_however_written(
    one: Calendar, two: Calendar, start: datetime, end: datetime, amount: timedelta
) -> None:
    """Law 9: equal calendars, however written, are one in every answer and in their digest."""
    _require(one == two and hash(one) == hash(two), "equal", one, two)
    _require(one.fingerprint == two.fingerprint, "digest", one, two)
    _require(
        one.timeline is two.timeline or not one.timeline.open_time_before(0), "shared", one, two
    )
    _same(one.between(start, end), two.between(start, end), "between", start, end)
    _same(added(one, start, amount), added(two, start, amount), "add", start, amount)
