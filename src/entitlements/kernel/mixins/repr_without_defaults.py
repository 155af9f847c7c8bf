"""Representations that leave out fields with their defaults.

A plan has more than thirty fields, of which most plans state ten. What is left is an expression
that builds the value again, unless a long collection is shown as the number of its elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

_FACTORY: Final[Any] = attrs.Factory


class ReprWithoutDefaults:
    """Base of values with many optional fields; for classes of `attrs.frozen(repr=False)`.

    >>> from entitlements.contracts import ContractLine
    >>> ContractLine(id="l", plan="gold", quantity=2)
    ContractLine(id='l', plan='gold', quantity=2)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        shown = [
            f"{field.alias}={field.repr(value) if callable(field.repr) else repr(value)}"
            for field, value in stated_fields(self)
            if field.repr
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def stated_fields(value: Any) -> Iterator[tuple[attrs.Attribute[Any], Any]]:
    """Yield the fields of a value that do not have their defaults, with what they hold.

    >>> from entitlements.kernel.periods.spans import Span
    >>> day = Span("2026-03-02T09:00Z", "2026-03-02T17:00Z")
    >>> [field.name for field, _ in stated_fields(day)]
    ['start', 'end']
    """
    for field in attrs.fields(type(value)):
        if field.init and not _is_default(field, value):
            yield field, getattr(value, field.name)


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
