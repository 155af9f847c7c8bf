"""Scalars of drawn values: ids, instants, dates, durations, zones, numbers.

Each shrinks to a value that a person would write: the id `a`, midnight of 1 January 2026, an hour.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from hypothesis import strategies as st

from entitlements.kernel.instants import from_micros, to_micros

FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MINUTES: Final = 2 * 366 * 24 * 60
_CLOCK_CHANGES: Final = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-03-08T07:00+00:00",  # New York forward
        "2026-03-29T01:00+00:00",  # Europe forward
        "2026-04-04T15:30+00:00",  # Lord Howe back by half an hour
        "2026-04-23T22:00+00:00",  # Cairo forward, at midnight
        "2026-10-25T01:00+00:00",  # Europe back
        "2026-11-01T06:00+00:00",  # New York back
    )
)
_NEAR: Final = tuple(
    from_micros(to_micros(change) + micros)
    for change in _CLOCK_CHANGES
    for micros in (0, -1, 1, -1_000_000, 1_000_000)
)
_DATES: Final = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 1, 31), date(2028, 2, 29))
ZONES: Final = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
)
HOSTILE_IDS: Final = (
    "rest/R-1",
    "0",
    "none",
    "null",
    "*",
    "a b",
    "A",
    "é",
    "日本",
    "' OR 1=1 --",
    "../../etc",
    "{0}",
    "%s",
    "\\",
    "x" * 200,
)
"""Ids that are valid, and that careless code takes for something else."""


def ids() -> st.SearchStrategy[str]:
    """Draw an id: mostly a letter, now and then one that careless code misreads.

    >>> from hypothesis import find
    >>> find(ids(), lambda each: True)
    'a'
    """
    plain = st.sampled_from("abcdef")
    return st.one_of(plain, plain, st.sampled_from(HOSTILE_IDS))


def zones() -> st.SearchStrategy[str]:
    """Draw a time zone, most of which change their clocks, some of them oddly.

    >>> from hypothesis import find
    >>> find(zones(), lambda each: True)
    'UTC'
    """
    return st.sampled_from(ZONES)


# Drawn by functions and not by `map`: Hypothesis would print the expression of the mapped function,
# with names that a test does not have, and not the value.


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """Draw an instant of 2026 or 2027: a whole minute, or within a second of a clock change.

    >>> from hypothesis import find
    >>> find(instants(), lambda each: True).isoformat()
    '2026-01-01T00:00:00+00:00'
    """
    if not draw(st.booleans()):
        return FIRST + timedelta(minutes=draw(st.integers(0, _MINUTES)))
    # From 1, so that an instant near a clock change shrinks to a minute that is not the first.
    return _NEAR[draw(st.integers(1, len(_NEAR))) - 1]


@st.composite
def dates(draw: st.DrawFn) -> date:
    """Draw a date of 2026 or 2027, with ends of months and clock changes.

    >>> from hypothesis import find
    >>> find(dates(), lambda each: True).isoformat()
    '2026-01-01'
    """
    if not draw(st.booleans()):
        return FIRST.date() + timedelta(days=draw(st.integers(0, 729)))
    return draw(st.sampled_from(_DATES))


@st.composite
def durations(draw: st.DrawFn) -> timedelta:
    """Draw an amount of time, from a minute to some days; it shrinks to an hour.

    >>> from hypothesis import find
    >>> find(durations(), lambda each: True)
    datetime.timedelta(seconds=3600)
    """
    if not draw(st.booleans()):
        return timedelta(hours=draw(st.sampled_from([1, 2, 4, 8, 24, 72])))
    return timedelta(minutes=draw(st.integers(1, 240)))


def numbers() -> st.SearchStrategy[int]:
    """Draw a small number, mostly positive; it shrinks to 1."""
    return st.sampled_from([1, 2, 3, 5, 10, 100, 0])


def shares() -> st.SearchStrategy[Fraction]:
    """Draw a share between 0 and 1; it shrinks to a half."""
    return st.sampled_from([Fraction(1, 2), Fraction(3, 4), Fraction(1, 3), Fraction(9, 10)])


def decimals() -> st.SearchStrategy[Decimal]:
    """Draw an amount with two places; it shrinks to 1."""
    return st.one_of(st.just(Decimal(1)), _hundredths())


@st.composite
def _hundredths(draw: st.DrawFn) -> Decimal:
    return Decimal(draw(st.integers(0, 1_000_000))) / 100
