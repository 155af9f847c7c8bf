"""How is one simple value written? Text, numbers, truth, time, choices and names.

A shape does three things that must never drift apart: it reads a node into a value, it writes a
value so that reading gives it back, and it says both to editors as JSON Schema.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.documents.formats.nodes import Node, ScalarKind, ScalarNode, node_text
from entitlements.documents.shapes.read_context import ReadContext, Unreadable, suggestion
from entitlements.kernel.converters import MAX_INT64
from entitlements.kernel.durations import format_duration, parse_duration
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc

Plain: TypeAlias = bool | int | str | list["Plain"] | dict[str, "Plain"] | None
"""What a document is made of."""

JsonSchema: TypeAlias = dict[str, Any]
Definitions: TypeAlias = dict[str, JsonSchema]

_WHOLE: Final = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FRACTION: Final = re.compile(r"(?P<whole>\d{1,9})\.(?P<fraction>\d{1,6})s", re.ASCII)
_TRUE_FALSE: Final = {
    **dict.fromkeys(("yes", "on", "y"), "did you mean `true`?"),
    **dict.fromkeys(("no", "off", "n"), "did you mean `false`?"),
}


@attrs.frozen
class WriteContext:
    """What a writer must know beside the value.

    Attributes:
        names: Names of calendars, by the form of their hours.
        customer: Whose account is being written.
    """

    names: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    customer: str = ""


class Shape(ABC):
    """How a kind of value stands in a document."""

    __slots__ = ()

    @abstractmethod
    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value at `node`, or `BROKEN` after telling the problem."""

    def named(self) -> frozenset[str]:
        """Return the kinds of things to which such a value gives names."""
        return frozenset()

    @abstractmethod
    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return `value` in its one canonical form."""

    @abstractmethod
    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the JSON Schema; named parts are added to `defs`."""


class ScalarShape(Shape):
    """A value that stands as one scalar, read by `parse` from its text."""

    __slots__ = ()

    expected: str = "text"
    kinds: tuple[ScalarKind, ...] = (ScalarKind.TEXT, ScalarKind.NUMBER)

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return what the text says."""
        if isinstance(node, ScalarNode) and node.kind in self.kinds:
            return into.guarded(node, lambda: self.parse(node.text))
        return self._refuse(node, into)

    @abstractmethod
    def parse(self, text: str) -> Any:
        """Return what `text` says, or raise."""

    def _refuse(self, node: Node, into: ReadContext) -> Unreadable:
        hint = _TRUE_FALSE.get(node.text.lower()) if isinstance(node, ScalarNode) else None
        if ScalarKind.TEXT in self.kinds:
            truth = isinstance(node, ScalarNode) and node.kind is ScalarKind.TRUTH
            hint = "put it in quotes" if truth else None
        return into.problem(node, f"{node_text(node)} is not {self.expected}", hint)


@final
@attrs.frozen
class TextShape(ScalarShape):
    """Text; a number is the text it was written as."""

    def parse(self, text: str) -> str:
        """Return `text`."""
        return text

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the text.

        Raises:
            InvalidValueError: It holds half of a surrogate pair, which no file can.
        """
        del out
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValueError(f"`{value!a}` cannot be written in UTF-8") from None
        return str(value)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text or number."""
        del defs
        return {"type": ["string", "number"]}


def _name(node: Node, kind: str, into: ReadContext) -> Any:
    text = TextShape().read(node, into)
    if isinstance(text, Unreadable) or (text and kind.endswith("calendar")):
        return text
    return into.guarded(node, lambda: identifier(text))


@final
@attrs.frozen
class NewIdShape(Shape):
    """Text that names a thing of a kind; unique, unless several things may bear one name."""

    kind: str
    unique: bool = True

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the text and note the name."""
        value = _name(node, self.kind, into)
        if isinstance(value, Unreadable):
            into.lose(self.kind)
        else:
            into.name(self.kind, value, node, unique=self.unique)
        return value

    def named(self) -> frozenset[str]:
        """Return the kind."""
        return frozenset({self.kind})

    write = TextShape.write
    schema = TextShape.schema


@final
@attrs.frozen
class ReferenceShape(Shape):
    """Text that names a thing of one of these kinds, defined anywhere in the documents."""

    kinds: tuple[str, ...]

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the text; that it leads somewhere is checked when all is read."""
        value = _name(node, self.kinds[0], into)
        if isinstance(node, ScalarNode) and not isinstance(value, Unreadable):
            into.refer(node, *self.kinds)
        return value

    write = TextShape.write

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text that says what it names."""
        return TextShape().schema(defs) | {"description": f"Names a {self.kinds[0]}."}


@final
@attrs.frozen
class IntegerShape(ScalarShape):
    """A whole number that fits into 64 bits."""

    expected = "a whole number"
    kinds = (ScalarKind.NUMBER,)

    def parse(self, text: str) -> int:
        """Return the number."""
        if not _WHOLE.fullmatch(text) or abs(int(text)) > MAX_INT64:
            raise InvalidValueError(f"`{text}` is not a whole number", hint=_better_number(text))
        return int(text)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the number."""
        del out
        return int(value)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return integer."""
        del defs
        return {"type": "integer"}


def _better_number(text: str) -> str | None:
    digits = text.lstrip("+-")
    if digits.isdigit() and len(digits.lstrip("0")) > 18:  # noqa: PLR2004 - 2**63 has 19 digits
        return "the largest is 9223372036854775807"
    if digits.isdigit():
        return f"write it as `{text.lstrip('+').replace(digits, digits.lstrip('0') or '0')}`"
    return "fractions are not counted"


@final
@attrs.frozen
class BooleanShape(ScalarShape):
    """`true` or `false`."""

    expected = "`true` or `false`"
    kinds = (ScalarKind.TRUTH,)

    def parse(self, text: str) -> bool:
        """Return what `text` says."""
        return text.lower() == "true"

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the truth value."""
        del out
        return bool(value)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return boolean."""
        del defs
        return {"type": "boolean"}


@final
@attrs.frozen
class EnumShape(ScalarShape):
    """One of the values of an enumeration."""

    of: Iterable[StrEnum]
    kinds = (ScalarKind.TEXT, ScalarKind.NUMBER, ScalarKind.TRUTH)

    def parse(self, text: str) -> StrEnum:
        """Return the member."""
        values = {str(each.value): each for each in self.of}
        if text not in values:
            hint = suggestion(text, values)
            raise InvalidValueError(f"`{text}` is not one of {', '.join(values)}", hint=hint)
        return values[text]

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the value of the member."""
        del out
        return str(value.value)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the values."""
        del defs
        return {"enum": [each.value for each in self.of]}


@final
@attrs.frozen
class DurationShape(ScalarShape):
    """An amount of time such as `4h`, `1h30m` or, as a machine measures, `12.345s`."""

    expected = "a duration"

    def parse(self, text: str) -> timedelta:
        """Return the amount."""
        if NUMBER_ONLY.fullmatch(text):
            raise InvalidValueError(
                f"`{text}` is not a duration", hint=f"did you mean `{text}h` or `{text}m`?"
            )
        fraction = _FRACTION.fullmatch(text)
        if fraction:
            micros = int(fraction["fraction"].ljust(6, "0"))
            return parse_duration(f"{fraction['whole']}s") + timedelta(microseconds=micros)
        return parse_duration(text)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the shortest text.

        Raises:
            InvalidValueError: The amount is negative.
        """
        del out
        if value < timedelta():
            raise InvalidValueError(f"`{value}` is negative and cannot be written")
        if value.microseconds:
            return f"{value // timedelta(seconds=1)}.{value.microseconds:06}s"
        return format_duration(value)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text that looks like an amount of time."""
        defs["duration"] = {
            "type": "string",
            "pattern": r"^\s*(\d+\.\d{1,6}s|PT(\d+H)?(\d+M)?(\d+S)?|(\d+(h|min|m|s)\s*)+)\s*$",
            "description": "An amount of time, such as 30m, 4h or 1h30m.",
        }
        return {"$ref": "#/$defs/duration"}


NUMBER_ONLY: Final = re.compile(r"\d{1,9}", re.ASCII)


@final
@attrs.frozen
class DateShape(ScalarShape):
    """A date as `YYYY-MM-DD`."""

    expected = "a date"

    def parse(self, text: str) -> date:
        """Return the date."""
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise InvalidValueError(f"`{text}` is not a date", hint="write it as `2026-12-24`")

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the date as text."""
        del out
        return str(value.isoformat())

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text that looks like a date."""
        del defs
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


@final
@attrs.frozen
class InstantShape(ScalarShape):
    """An instant: ISO 8601 with an offset, such as `2026-03-02T09:00Z`."""

    expected = "an instant"

    def parse(self, text: str) -> datetime:
        """Return the instant in UTC."""
        return utc(text)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the instant in UTC, without seconds where there are none."""
        del out
        spec = "auto" if value.second or value.microsecond else "minutes"
        return str(utc(value).isoformat(timespec=spec)).replace("+00:00", "Z")

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text that looks like an instant with an offset."""
        defs["instant"] = {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(Z|[+-]\d{2}:?(\d{2})?)$",
            "description": "An instant with an offset, such as 2026-03-02T09:00+01:00.",
        }
        return {"$ref": "#/$defs/instant"}


@final
@attrs.frozen
class DateOrInstantShape(ScalarShape):
    """A date, or an instant where the hour matters."""

    expected = "a date or an instant"

    def parse(self, text: str) -> date:
        """Return a date or an aware datetime."""
        return DateShape().parse(text) if len(text) <= len("2026-12-24") else utc(text)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the date or the instant as text."""
        shape: Shape = InstantShape() if isinstance(value, datetime) else DateShape()
        return shape.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return either."""
        return {"anyOf": [DateShape().schema(defs), InstantShape().schema(defs)]}
