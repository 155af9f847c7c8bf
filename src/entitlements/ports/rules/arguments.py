"""Checks of arguments that all stores share: pages, rows, messages, times to wait, and ports.

A port is a protocol, so any object may implement it. Whether it has the methods is checked where it
is given, not where it is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, TypeVar, cast

from entitlements.kernel.converters import (
    MAX_INT32,
    MAX_INT64,
    as_tuple,
    remark,
    whole_number,
)
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import instant_of
from entitlements.ports.records import body_text, case_or_none
from entitlements.ports.store import ConnectingStore, Observer, Store

T = TypeVar("T")

MAX_SECONDS: Final = 86_400 * 366.0


def page_length(most: int) -> int:
    """Return `most` if it is the length of a page: a whole number from 0 on in 32 bits.

    >>> page_length(100)
    100

    Raises:
        InvalidValueError: It is not a whole number, or is negative.
        LimitExceededError: It does not fit.
    """
    return whole_number(most, "length of a page", most=MAX_INT32)


def skipped_rows(skip: int) -> int:
    """Return `skip` if it is a number of rows to leave out: a whole number from 0 on in 32 bits.

    Raises:
        InvalidValueError: It is not a whole number, or is negative.
        LimitExceededError: It does not fit.
    """
    return whole_number(skip, "number of rows to leave out", most=MAX_INT32)


def row_number(number: int) -> int:
    """Return `number` if a row may have it: a whole number in 64 bits, zero and below included.

    A number that no row has is no error here: what was tampered with may have any.

    Raises:
        InvalidValueError: It is not a whole number.
        LimitExceededError: It does not fit.
    """
    return whole_number(number, "number of a row", least=-MAX_INT64)


def page_start(after: str) -> str:
    """Return `after` if it is text that every store can compare with ids; empty for the first page.

    Raises:
        InvalidValueError: It is not text, or holds a NUL or half of a surrogate pair.
    """
    return remark(after)


def messages(values: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Return `values` as triples of a topic, a body, and the id of a case, or no text.

    Raises:
        InvalidValueError: One of them is not such a triple.
    """
    return tuple(map(_message, as_tuple(values)))


def _message(value: Iterable[str]) -> tuple[str, str, str]:
    given = as_tuple(value)
    if len(given) != 3:  # noqa: PLR2004 - topic, body and case
        hint = "pass topic, body, and the id of the case"
        raise InvalidValueError(f"`{value!r:.100}` is not a message", hint=hint)
    topic, body, case = given
    return identifier(topic), body_text(body), case_or_none(case)


def seconds(value: float) -> float:
    """Return `value` if it is a time to wait: a number of seconds from 0 to a year.

    Raises:
        InvalidValueError: It is not a number, or is negative.
        LimitExceededError: It is more than a year.
    """
    given: object = value
    if isinstance(given, bool) or not isinstance(given, int | float) or not given >= 0:
        raise InvalidValueError(f"`{value!r:.100}` is not a number of seconds to wait")
    if value > MAX_SECONDS:
        raise LimitExceededError(f"`{value}` seconds are more than a year")
    return value


def clock_of(value: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return `value` if it can be called; the instant that it returns is checked at each call.

    Raises:
        InvalidValueError: It is no function.
    """
    given: object = value
    if not callable(given):
        raise InvalidValueError(f"`{given!r:.100}` is not a clock", hint="pass a function")
    return lambda: instant_of(value())


def function_of(value: Callable[..., T], name: str) -> Callable[..., T]:
    """Return `value` if it can be called.

    Raises:
        InvalidValueError: It is no function.
    """
    given: object = value
    if not callable(given):
        raise InvalidValueError(f"`{given!r:.100}` is not a function", path=name)
    return value


def store_of(value: Store) -> Store:
    """Return `value` if it has the methods of a store.

    Raises:
        InvalidValueError: It has not.
    """
    _check_methods(value, "a store", ("begin", "tenants", "wait"), "such as `MemoryStore()`")
    return value


def connecting_store_of(value: Store) -> ConnectingStore:
    """Return `value` if it can work in a transaction of its caller.

    Raises:
        InvalidValueError: It has no method `on`.
    """
    hint = "such as `SqlStore`"
    _check_methods(value, "a store that works in a transaction of yours", ("on",), hint)
    return cast(ConnectingStore, value)


def observer_of(value: Observer | None) -> Observer | None:
    """Return `value` if it has the method of an observer, or is None.

    Raises:
        InvalidValueError: It has not.
    """
    if value is not None:
        _check_methods(value, "an observer", ("notify",), "it needs a method `notify`")
    return value


def _check_methods(value: object, kind: str, names: Iterable[str], hint: str) -> None:
    if not all(callable(getattr(value, name, None)) for name in names):
        raise InvalidValueError(f"`{value!r:.100}` is not {kind}", hint=hint)
