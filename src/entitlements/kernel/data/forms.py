"""Forms of plain data: text, numbers, instants, durations, dates, codes, and optional values.

A form writes a value as data that JSON can hold, reads it back, and describes it by JSON Schema.
What a form reads is what it writes, in one spelling, so that equal values have equal text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, Final, Protocol, final

import attrs

from entitlements.kernel.data.schema import JsonSchema, SchemaDefinitions, refuse
from entitlements.kernel.hints import closest_match_hint
from entitlements.kernel.instants import MICROSECOND, text_of, to_micros, utc

_INSTANT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$"


class Form(Protocol):
    """How values of one kind are written, read and described."""

    def write(self, value: Any) -> Any:
        """Return the value as data that JSON can hold."""
        ...

    def read(self, plain: Any, path: str) -> Any:
        """Return the value; an `InvalidValueError` names `path` and what was expected there."""
        ...

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema of the data, with its named parts in `definitions`."""
        ...


@final
@attrs.frozen
class Plain:
    """Text, whole numbers, or true and false: the same in Python and in JSON."""

    kind: type
    what: str
    described: str

    def write(self, value: Any) -> Any:
        """Return the value itself."""
        return value

    def read(self, plain: Any, path: str) -> Any:
        """Return the value itself, of exactly this type."""
        return plain if type(plain) is self.kind else refuse(plain, self.what, path)

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:  # noqa: ARG002 - it has no parts
        """Return the JSON Schema."""
        return {"type": self.described}


@final
@attrs.frozen
class Spelled:
    """A value with one spelling as text or as a number, such as an instant."""

    what: str
    writer: Callable[[Any], Any]
    reader: Callable[[Any], Any]
    described: JsonSchema
    hint: str | None = None

    def write(self, value: Any) -> Any:
        """Return the spelling of the value."""
        return self.writer(value)

    def read(self, plain: Any, path: str) -> Any:
        """Return the value; another spelling of the same value is refused."""
        wanted = int if self.described["type"] == "integer" else str
        if type(plain) is wanted:
            try:
                value = self.reader(plain)
                if self.writer(value) == plain:
                    return value
            except (ValueError, ArithmeticError):
                pass
        return refuse(plain, self.what, path, self.hint)

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:  # noqa: ARG002 - it has no parts
        """Return the JSON Schema."""
        return dict(self.described)


@final
@attrs.frozen
class Code:
    """A member of an enum, written as its value."""

    kind: type[Enum]

    def write(self, value: Any) -> Any:
        """Return the code."""
        return value.value

    def read(self, plain: Any, path: str) -> Any:
        """Return the member with that code."""
        try:
            return self.kind(plain)
        except ValueError:
            codes = [str(each.value) for each in self.kind]
            return refuse(plain, "a known code", path, closest_match_hint(str(plain), codes))

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema: the codes, as a named part."""
        definitions[self.kind.__name__] = {"enum": [each.value for each in self.kind]}
        return {"$ref": f"#/$defs/{self.kind.__name__}"}


@final
@attrs.frozen
class Nullable:
    """A value, or null for None."""

    form: Form

    def write(self, value: Any) -> Any:
        """Return the value as data, or None."""
        return None if value is None else self.form.write(value)

    def read(self, plain: Any, path: str) -> Any:
        """Return the value, or None."""
        return None if plain is None else self.form.read(plain, path)

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema."""
        return {"anyOf": [self.form.schema(definitions), {"type": "null"}]}


TEXT: Final = Plain(str, "text", "string")
WHOLE: Final = Plain(int, "a whole number", "integer")
FLAG: Final = Plain(bool, "true or false", "boolean")
INSTANT: Final = Spelled(
    "an instant",
    text_of,
    utc,
    {"type": "string", "format": "date-time", "pattern": _INSTANT},
    "write it in UTC, as `2026-03-02T09:00:00Z`",
)
DAY: Final = Spelled(
    "a date",
    date.isoformat,
    date.fromisoformat,
    {"type": "string", "format": "date"},
    "write it as `2026-03-02`",
)
DAY_OR_INSTANT: Final = Spelled(
    "a date or an instant",
    lambda value: text_of(value) if isinstance(value, datetime) else value.isoformat(),
    lambda text: utc(text) if "T" in text else date.fromisoformat(text),
    {"type": "string", "anyOf": [DAY.described, INSTANT.described]},
    "write it as `2026-03-02`, or in UTC as `2026-03-02T09:00:00Z`",
)
MICROS: Final = Spelled(
    "an instant", text_of, lambda text: to_micros(utc(text)), INSTANT.described, INSTANT.hint
)
"""An instant that is held as microseconds since 1970."""

DURATION: Final = Spelled(
    "a number of microseconds",
    lambda amount: amount // MICROSECOND,
    lambda micros: MICROSECOND * micros,
    {"type": "integer"},
)
FRACTION: Final = Spelled(
    "a fraction",
    str,
    Fraction,
    {"type": "string", "pattern": r"^-?\d+(/\d+)?$"},
    "write it as `1/2`",
)
DECIMAL: Final = Spelled(
    "a decimal number",
    lambda amount: format(amount, "f"),
    Decimal,
    {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "write it as text, such as `12.50`",
)
SCALARS: Final[dict[Any, Form]] = {
    str: TEXT,
    int: WHOLE,
    bool: FLAG,
    datetime: INSTANT,
    date: DAY,
    date | datetime: DAY_OR_INSTANT,
    timedelta: DURATION,
    Fraction: FRACTION,
    Decimal: DECIMAL,
}
"""The form of each simple type."""
