"""Values as Python code: an expression that builds the value again, to paste into a test.

The `repr` of a value is for logs: it shows long collections as the number of their elements. The
code of a value shows everything that does not have its default, and enum members as their text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import attrs

from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.week import Week
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.mixins.repr_without_defaults import stated_fields
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Money
from entitlements.sla.case_history.history import History

if TYPE_CHECKING:
    from hypothesis.vendor.pretty import RepresentationPrinter

MAX_LINE: Final = 72
"""Longer code is printed over several lines."""


def code_of(value: object) -> str:
    """Return a Python expression that is equal to a value.

    Classes are named without their modules, and `datetime` is the module.

    >>> from entitlements.contracts import Coverage, ContractLine
    >>> code_of(ContractLine(id="l", plan="gold", coverage=Coverage(level="product", ids=["db"])))
    "ContractLine(id='l', plan='gold', coverage=Coverage(level='product', ids={'db'}))"

    Raises:
        InvalidValueError: The value is or holds what only the library makes: an answer, or
            a routing strategy, which holds functions.
    """
    start, parts, end = _parts_of(value)
    return f"{start}{', '.join(label + code_of(each) for label, each in parts)}{end}"


def print_code(value: object, printer: RepresentationPrinter) -> None:
    """Print the code of a value, over several lines if it is long; an answer by its `repr`."""
    try:
        code = code_of(value)
    except InvalidValueError:
        printer.text(repr(value))
        return
    start, parts, end = _parts_of(value)
    if len(code) <= MAX_LINE or not parts:
        printer.text(code)
        return
    with printer.group(4, start, ""):
        for label, each in parts:
            printer.break_()
            printer.text(label)
            print_code(each, printer)
            printer.text(",")
    printer.break_()
    printer.text(end.lstrip(","))


class _Parts(NamedTuple):
    """An expression: how it starts, the values in it with what stands before each, how it ends."""

    start: str
    parts: tuple[tuple[str, object], ...] = ()
    end: str = ""


def _parts_of(value: Any) -> _Parts:
    if isinstance(value, TextEnum):
        return _Parts(repr(value.value))
    for kind, write in _WRITTEN.items():
        if isinstance(value, kind):
            return write(value)
    fields = attrs.fields(type(value)) if attrs.has(type(value)) else ()
    names = [type(value).__name__, *(each.name for each in fields if each.init)]
    if not attrs.has(type(value)) or any(each.startswith("_") for each in names):
        raise InvalidValueError(
            f"`{type(value).__name__}` cannot be written as code: only the library makes it",
            hint="write the facts and the question, and ask again",
        )
    stated = tuple((f"{each.alias}=", held) for each, held in stated_fields(value))
    return _Parts(f"{names[0]}(", stated, ")")


def _leaf(value: object) -> _Parts:
    return _Parts(repr(value))


def _items(values: Iterable[object], start: str, end: str) -> _Parts:
    return _Parts(start, tuple(("", each) for each in values), end)


def _tuple(values: tuple[object, ...]) -> _Parts:
    names: tuple[str, ...] = getattr(values, "_fields", ())
    if names:
        named = tuple((f"{name}=", each) for name, each in zip(names, values, strict=True))
        return _Parts(f"{type(values).__name__}(", named, ")")
    return _items(values, "(", ",)" if len(values) == 1 else ")")


def _set(values: frozenset[object]) -> _Parts:
    return _items(sorted(values, key=code_of), "{", "}") if values else _Parts("frozenset()")


def _map(values: Mapping[object, object]) -> _Parts:
    pairs = tuple((f"{code_of(key)}: ", each) for key, each in values.items())
    return _Parts("{", pairs, "}")


_WRITTEN: Final[Mapping[type, Callable[[Any], _Parts]]] = {
    CompositeCalendar: lambda hours: _Parts(hours.expression(code_of)),
    History: lambda history: _items(history.events, "History([", "])"),
    Ledger: lambda ledger: _items(ledger.entries, "Ledger.of([", "])"),
    FrozenMap: _map,
    dict: _map,
    frozenset: _set,
    tuple: _tuple,
    list: lambda values: _items(values, "[", "]"),
    **dict.fromkeys(
        (Week, Money, NoneType, str, int, float, Decimal, Fraction, date, timedelta), _leaf
    ),
}
