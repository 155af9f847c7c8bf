"""Instants: aware datetimes in public, integers in computations.

In the public interface an instant is an aware `datetime`; computations use whole microseconds since
1970 UTC. Naive datetimes are refused, because their time zone would be a guess. Nothing here knows
a calendar, and nothing in the core reads a clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from entitlements.kernel.errors import InvalidValueError, LimitExceededError

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

# Zones differ from UTC by up to a day, so years 1 and 9999 are not valid in every zone.
EARLIEST: Final = datetime(2, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9998, 1, 1, tzinfo=UTC)

START_OF_TIME: Final = -(2**62)
END_OF_TIME: Final = 2**62
"""Before and after all instants, for periods without a start or an end; never stored."""

MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = (EARLIEST - EPOCH) // MICROSECOND
_AFTER: Final = (LATEST - EPOCH) // MICROSECOND
_difference = datetime.__sub__
_last: tuple[datetime, int] = (EPOCH, 0)
_last_text: tuple[datetime | int, str] = (EPOCH, "1970-01-01T00:00:00Z")
_SECONDS: Final = tuple(f":{each:02}Z" for each in range(60))


def to_micros(at: datetime) -> int:
    """Return the microseconds from 1970 UTC to `at`.

    The subtraction is the standard library's even for subclasses: it is exact, honours `fold`,
    and costs a tenth of pendulum's own.

    >>> to_micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000

    Raises:
        InvalidValueError: `at` is naive.
        LimitExceededError: `at` lies outside the years 2 to 9997, in UTC.
    """
    global _last  # noqa: PLW0603 - the same instant is often converted several times in a row
    known, micros = _last
    if at is known:
        return micros
    try:
        since = _difference(at, EPOCH)
    except TypeError:
        raise _no_instant(at) from None
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if not _FIRST <= micros < _AFTER:
        raise _outside(at.isoformat().replace("+00:00", "Z"))
    # One tuple, so that threads cannot mix two; it holds the object, so no other has its identity.
    _last = (at, micros)
    return micros


def from_micros(micros: int) -> datetime:
    """Return the UTC instant `micros` microseconds after 1970; the inverse of `to_micros`.

    >>> from_micros(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    global _last  # noqa: PLW0603 - the caller often hands the instant on, to be converted back
    known, before = _last
    if micros == before and type(known) is datetime and known.tzinfo is UTC:
        return known  # one object, of which others know text and microseconds
    try:
        at = EPOCH + MICROSECOND * micros
    except OverflowError:
        raise _outside(f"1970 + {micros} us") from None
    except TypeError:
        raise InvalidValueError(f"`{micros!r}` is not a number of microseconds") from None
    if type(micros) is int and _FIRST <= micros < _AFTER:
        _last = (at, micros)
    return at


def micros_or_none(at: datetime | None) -> int | None:
    """Return the microseconds from 1970 UTC to `at`, or None."""
    return None if at is None else to_micros(at)


def micros_or_start(at: datetime | None) -> int:
    """Return the microseconds from 1970 UTC to `at`; None is `START_OF_TIME`."""
    return START_OF_TIME if at is None else to_micros(at)


def micros_or_end(at: datetime | None) -> int:
    """Return the microseconds from 1970 UTC to `at`; None is `END_OF_TIME`."""
    return END_OF_TIME if at is None else to_micros(at)


def from_micros_or_none(micros: int | None) -> datetime | None:
    """Return a UTC instant; None for None and from `END_OF_TIME` on or up to `START_OF_TIME`.

    >>> from_micros_or_none(0), from_micros_or_none(END_OF_TIME)
    (datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    if micros is None or not START_OF_TIME < micros < END_OF_TIME:
        return None
    return from_micros(micros)


def instant_of(at: datetime) -> datetime:
    """Return the instant of a call in UTC; text, which `utc` reads, is refused.

    >>> instant_of(EPOCH) is EPOCH
    True

    Raises:
        InvalidValueError: `at` is naive, or no `datetime`.
        LimitExceededError: `at` lies outside the years 2 to 9997.
    """
    if type(at) is datetime and at.tzinfo is UTC and 2 <= at.year <= 9997:  # noqa: PLR2004 - see EARLIEST and LATEST
        return at
    return from_micros(to_micros(at))


def instant_or_none(at: datetime | None) -> datetime | None:
    """Return the instant of a call in UTC, or None."""
    return None if at is None else instant_of(at)


def utc(value: datetime | str) -> datetime:
    """Return `value` as a UTC `datetime`; text must be ISO 8601 with an offset.

    >>> utc("2026-03-02T10:00+01:00")
    datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.timezone.utc)

    Raises:
        InvalidValueError: `value` is naive, or not ISO 8601 text.
        LimitExceededError: `value` lies outside the years 2 to 9997.
    """
    if type(value) is datetime and value.tzinfo is UTC and 2 <= value.year <= 9997:  # noqa: PLR2004 - see EARLIEST and LATEST
        return value
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidValueError(
                f"`{value}` is not an instant", hint="write it as `2026-03-02T09:00+01:00`"
            ) from None
    return from_micros(to_micros(value))


def _no_instant(value: object) -> InvalidValueError:
    if isinstance(value, datetime):
        return InvalidValueError(
            f"instant `{value}` has no time zone", hint="attach one, such as UTC"
        )
    if isinstance(value, str):
        return InvalidValueError(
            f"`{value!r:.100}` is text, not an instant",
            hint="parse it first, as `entitlements.kernel.utc` does",
        )
    return InvalidValueError(f"`{value!r}` is not an instant", hint="pass an aware datetime")


def text_of(at: datetime | int) -> str:
    """Return an instant as text: ISO 8601 in UTC, microseconds only where there are any.

    Messages, data and sentences write instants like this; `utc` reads it. An
    integer counts microseconds since 1970.

    >>> text_of(utc("2026-03-02T10:00+01:00")), text_of(1)
    ('2026-03-02T09:00:00Z', '1970-01-01T00:00:00.000001Z')

    Raises:
        InvalidValueError: `at` is naive.
    """
    global _last_text  # noqa: PLW0603 - see `to_micros`
    known, text = _last_text
    if at is known:
        return text
    micros = to_micros(at) if isinstance(at, datetime) else at
    if type(micros) is not int:
        raise InvalidValueError(f"`{at!r}` is not a number of microseconds")
    minutes, rest = divmod(micros, MINUTE)
    seconds, fraction = divmod(rest, SECOND)
    text = _minute_text(minutes) + _SECONDS[seconds]
    if fraction:
        text = f"{text[:-1]}.{fraction:06}Z"
    _last_text = (at, text)
    return text


@lru_cache(maxsize=8_192)
def _minute_text(minutes: int) -> str:
    """Return the text of an instant up to its minute; `isoformat` takes four times as long."""
    return from_micros(minutes * MINUTE).isoformat()[: -len(":00+00:00")]


def optional_text(at: datetime | None) -> str | None:
    """Return an instant as text, or None."""
    return None if at is None else text_of(at)


def _outside(text: str) -> LimitExceededError:
    return LimitExceededError(f"instant `{text}` lies outside the years 2 to 9997")
