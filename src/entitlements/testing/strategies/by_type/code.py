"""Values as Python code: an expression that builds the value again, to paste into a test.

The `repr` of a value is for logs: it shows all fields, shortens long ones, and names enum members
in angle brackets. The code of a value leaves out what has its default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import NoneType
from typing import Any, Final

import attrs

from entitlements.calendars.week import Week
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.money.money import Money
from entitlements.sla.case_history.history import History

_FACTORY: Final[Any] = attrs.Factory


def code_of(value: object) -> str:
    """Return a Python expression that is equal to a value.

    Classes are named without their modules, and `datetime` is the module.

    >>> from entitlements.contracts import Coverage, ContractLine
    >>> code_of(ContractLine(id="l", plan="gold", coverage=Coverage(level="product", ids=["db"])))
    "ContractLine(id='l', plan='gold', coverage=Coverage(level=CoverageLevel.PRODUCT, ids={'db'}))"

    Raises:
        InvalidValueError: The value is or holds what only the library makes: an answer, or
            a routing strategy, which holds functions.
    """
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    for kind, write in _WRITTEN.items():
        if isinstance(value, kind):
            return write(value)
    if attrs.has(type(value)):
        return _fields_code(value)
    raise _not_written(value)


def _not_written(value: object) -> InvalidValueError:
    return InvalidValueError(
        f"`{type(value).__name__}` cannot be written as code: only the library makes it",
        hint="write the facts and the question, and ask again",
    )


def _fields_code(value: Any) -> str:
    fields = [each for each in attrs.fields(type(value)) if each.init]
    name = type(value).__name__
    if any(each.startswith("_") for each in (name, *(each.name for each in fields))):
        raise _not_written(value)
    words = [
        f"{each.alias}={code_of(getattr(value, each.name))}"
        for each in fields
        if not _is_default(each, value)
    ]
    return f"{name}({', '.join(words)})"


def _is_default(field: attrs.Attribute[Any], value: Any) -> bool:
    """Return whether a field has its default, as the converter of the field leaves it."""
    default: Any = field.default
    if default is attrs.NOTHING:
        return False
    if isinstance(default, _FACTORY):
        default = default.factory(value) if default.takes_self else default.factory()
    convert: Any = field.converter
    if callable(convert):
        default = convert(default)
    return bool(getattr(value, field.name) == default)


def _several(values: Iterable[object]) -> str:
    return ", ".join(map(code_of, values))


def _tuple_code(values: tuple[object, ...]) -> str:
    return f"({_several(values)}{',' if len(values) == 1 else ''})"


def _set_code(values: frozenset[object]) -> str:
    return f"{{{', '.join(sorted(map(code_of, values)))}}}" if values else "frozenset()"


def _map_code(values: Mapping[object, object]) -> str:
    return f"{{{', '.join(f'{code_of(key)}: {code_of(each)}' for key, each in values.items())}}}"


_WRITTEN: Final[Mapping[type, Callable[[Any], str]]] = {
    Week: repr,
    Money: repr,
    History: lambda history: f"History([{_several(history.events)}])",
    NoneType: repr,
    str: repr,
    int: repr,
    float: repr,
    Decimal: repr,
    Fraction: repr,
    date: repr,
    timedelta: repr,
    Ledger: lambda ledger: f"Ledger.of([{_several(ledger.entries)}])",
    FrozenMap: _map_code,
    dict: _map_code,
    frozenset: _set_code,
    tuple: _tuple_code,
    list: lambda values: f"[{_several(values)}]",
}
