"""Scalar shapes: text, numbers, dates, durations, enumerations, ids and references.

A shape does three things that must agree: it reads a node into a value, writes a value so that
reading gives it back, and describes both to editors as JSON Schema.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.documents.formats.nodes import Node, ScalarKind, ScalarNode, node_text
from entitlements.documents.shapes.key_words import first_word
from entitlements.documents.shapes.meant_values import meant_date, meant_number
from entitlements.documents.shapes.read_context import (
    UNREADABLE,
    ReadContext,
    Unreadable,
    suggestion,
)
from entitlements.kernel.converters import MAX_INT64
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import instant_of, utc
from entitlements.kernel.periods.durations import format_duration, parse_duration

Plain: TypeAlias = bool | int | str | list["Plain"] | dict[str, "Plain"] | None
"""What a document is made of."""


class FlowMapping(dict[str, Plain]):
    """A mapping that is written on one line."""


JsonSchema: TypeAlias = dict[str, Any]
Definitions: TypeAlias = dict[str, JsonSchema]

_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WORDS_OF_UNITS: Final = r"(?:hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
DURATION_PATTERN: Final = rf"(?:\d{{1,9}}(?:\.\d{{1,6}})?\s*{_WORDS_OF_UNITS}(?![A-Za-z])\s*)+"
"""Text of a duration in numbers and units, in words or in letters."""

_PHRASE: Final = re.compile(DURATION_PATTERN, re.ASCII)
_PART: Final = re.compile(r"(\d+)(?:\.(\d+))?\s*([a-z])", re.ASCII)
_MICROSECONDS: Final = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000}
_DIGITS: Final = re.compile(r"\d{1,9}", re.ASCII)
_NO_LIMIT: Final = {"unlimited", "none", "any", "infinite", "infinity", "no limit"}
_TRUE_FALSE: Final = {
    **dict.fromkeys(("yes", "on", "y"), "did you mean `true`?"),
    **dict.fromkeys(("no", "off", "n"), "did you mean `false`?"),
}


@attrs.frozen
class WriteContext:
    """What a writer needs beside the value.

    Attributes:
        names: Names of calendars, by the comparison text of their hours.
        customer: The customer whose account is being written.
        defined: The names of the calendars that the document defines.
        holiday_sets: The holiday sets that the document defines, by name.
    """

    names: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    customer: str = ""
    defined: frozenset[str] = frozenset()
    holiday_sets: Mapping[str, Any] = attrs.field(factory=dict)


class Shape(ABC):
    """The form of a kind of value in a document."""

    __slots__ = ()

    @abstractmethod
    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value at `node`, or `UNREADABLE` after adding a problem to `into`."""

    def named(self) -> frozenset[str]:
        """Return the kinds of things whose names such a value defines."""
        return frozenset()

    @abstractmethod
    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return `value` in its canonical form."""

    @abstractmethod
    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the JSON Schema; named parts are added to `defs`."""


@final
@attrs.frozen(eq=False)
class ScalarShape(Shape):
    """A value that is written as one scalar.

    Attributes:
        expected: What it is called in problems, such as `a date`.
        parse: Returns the value of a text, or raises.
        form: Returns what a value is written as.
        json: Its JSON Schema.
        kinds: The kinds of scalars that it may be.
        definition: Its name in `$defs`, if the schema is defined there.
        alternatives: The shapes whose schemas together are its schema, if it has several forms.
    """

    expected: str
    parse: Callable[[str], Any]
    form: Callable[[Any], Plain]
    json: JsonSchema
    kinds: tuple[ScalarKind, ...] = (ScalarKind.TEXT, ScalarKind.NUMBER)
    definition: str | None = None
    alternatives: tuple[ScalarShape, ...] = ()

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value of the scalar."""
        if isinstance(node, ScalarNode) and node.kind in self.kinds:
            return into.guarded(node, lambda: self.parse(node.text))
        return self._refuse(node, into)

    def _refuse(self, node: Node, into: ReadContext) -> Unreadable:
        hint = _TRUE_FALSE.get(node.text.lower()) if isinstance(node, ScalarNode) else None
        if isinstance(node, ScalarNode) and node.text.lower() in _NO_LIMIT:
            hint = "leave it out for no limit"
        elif isinstance(node, ScalarNode) and ScalarKind.NUMBER in self.kinds:
            hint = hint or meant_number(node.text)
        if ScalarKind.TEXT in self.kinds:
            truth = isinstance(node, ScalarNode) and node.kind is ScalarKind.TRUTH
            hint = "put it in quotes" if truth else None
        return into.problem(node, f"{node_text(node)} is not {self.expected}", hint)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the scalar.

        Raises:
            InvalidValueError: The value has no form in a document.
        """
        del out
        return self.form(value)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the schema, or a reference to its definition."""
        if self.alternatives:
            return {"anyOf": [each.schema(defs) for each in self.alternatives]}
        if self.definition is None:
            return dict(self.json)
        defs[self.definition] = self.json
        return {"$ref": f"#/$defs/{self.definition}"}


def _text_form(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidValueError(f"`{value!a}` cannot be written in UTF-8") from None
    return str(value)


TEXT: Final = ScalarShape("text", str, _text_form, {"type": ["string", "number"]})
"""Text; a number is the text it was written as."""


def _parse_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or abs(int(text)) > MAX_INT64:
        raise InvalidValueError(f"`{text}` is not a whole number", hint=_better_number(text))
    return int(text)


def _better_number(text: str) -> str | None:
    digits = text.lstrip("+-")
    if digits.isdigit() and len(digits.lstrip("0")) > 18:  # noqa: PLR2004 - 2**63 has 19 digits
        return "the largest is 9223372036854775807"
    if digits.isdigit():
        return f"write it as `{text.lstrip('+').replace(digits, digits.lstrip('0') or '0')}`"
    return "fractions are not counted"


INTEGER: Final = ScalarShape(
    "a whole number", _parse_integer, int, {"type": "integer"}, (ScalarKind.NUMBER,)
)
"""A whole number that fits into 64 bits."""

BOOLEAN: Final = ScalarShape(
    "`true` or `false`",
    lambda text: text.lower() == "true",
    bool,
    {"type": "boolean"},
    (ScalarKind.TRUTH,),
)


def enum_shape(members: Iterable[StrEnum]) -> ScalarShape:
    """Return the shape of a value that is one of the members of an enumeration."""
    values = {str(each.value): each for each in members}

    def parse(text: str) -> StrEnum:
        if text not in values:
            hint = suggestion(text, values) or suggestion(first_word(text), values)
            raise InvalidValueError(f"`{text}` is not one of {', '.join(values)}", hint=hint)
        return values[text]

    kinds = (ScalarKind.TEXT, ScalarKind.NUMBER, ScalarKind.TRUTH)
    return ScalarShape("text", parse, lambda each: str(each.value), {"enum": list(values)}, kinds)


def _parse_duration(text: str) -> timedelta:
    if _DIGITS.fullmatch(text):
        raise InvalidValueError(
            f"`{text}` is not a duration", hint=f"did you mean `{text}h` or `{text}m`?"
        )
    if not _PHRASE.fullmatch(text.strip()):
        return parse_duration(text)
    try:
        return sum((_part(*each) for each in _PART.findall(text)), timedelta())
    except OverflowError:
        raise LimitExceededError(f"`{text[:20]}...` is longer than a duration can be") from None


def _part(whole: str, fraction: str, unit: str) -> timedelta:
    micros = int(whole + fraction) * _MICROSECONDS[unit]
    return timedelta(microseconds=micros // 10 ** len(fraction))


def _duration_form(value: timedelta) -> str:
    if value < timedelta():
        raise InvalidValueError(f"`{value}` is negative and cannot be written")
    if value.microseconds:
        return f"{value // timedelta(seconds=1)}.{value.microseconds:06}s"
    return format_duration(value)


DURATION: Final = ScalarShape(
    "a duration",
    _parse_duration,
    _duration_form,
    {
        "type": "string",
        "pattern": rf"^\s*(PT(\d+H)?(\d+M)?(\d+S)?|{DURATION_PATTERN})\s*$",
        "description": "An amount of time, such as 30m, 4h or 1h30m.",
    },
    definition="duration",
)
"""An amount of time such as `4h`, `1h30m` or `12.345s`."""


def _parse_date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidValueError(f"`{text}` is not a date", hint=meant_date(text))


DATE: Final = ScalarShape(
    "a date",
    _parse_date,
    lambda value: str(value.isoformat()),
    {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
)
"""A date as `YYYY-MM-DD`."""


def _instant_form(value: datetime) -> str:
    spec = "auto" if value.second or value.microsecond else "minutes"
    return str(instant_of(value).isoformat(timespec=spec)).replace("+00:00", "Z")


INSTANT: Final = ScalarShape(
    "an instant",
    utc,
    _instant_form,
    {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(Z|[+-]\d{2}:?(\d{2})?)$",
        "description": "An instant with an offset, such as 2026-03-02T09:00+01:00.",
    },
    definition="instant",
)
"""An instant in ISO 8601 with an offset, written in UTC without seconds where there are none."""


def _parse_date_or_instant(text: str) -> date:
    return _parse_date(text) if len(text) <= len("2026-12-24") else utc(text)


DATE_OR_INSTANT: Final = ScalarShape(
    "a date or an instant",
    _parse_date_or_instant,
    lambda value: (INSTANT if isinstance(value, datetime) else DATE).form(value),
    {},
    alternatives=(DATE, INSTANT),
)
"""A date, or an instant where the hour matters."""


def _read_id(node: Node, kind: str, into: ReadContext) -> Any:
    text = TEXT.read(node, into)
    if isinstance(text, Unreadable) or (text and kind.endswith("calendar")):
        return text
    return into.guarded(node, lambda: identifier(text))


_LEVELS: Final = frozenset({"severity", "channel"})
"""Kinds whose values are names alone, so that a second one is no further thing."""


@final
@attrs.frozen
class NewIdShape(Shape):
    """Text that names a thing of a kind.

    Attributes:
        kind: The kind, as it is called in problems.
        unique: Whether two things of the kind with one name are a problem.
    """

    kind: str
    unique: bool = True

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the text and note the name."""
        value = _read_id(node, self.kind, into)
        if isinstance(value, Unreadable):
            into.lose(self.kind)
        elif not into.name(self.kind, value, node, unique=self.unique):
            return UNREADABLE if self.kind in _LEVELS else value
        return value

    def named(self) -> frozenset[str]:
        """Return the kind."""
        return frozenset({self.kind})

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the text."""
        return TEXT.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text or number."""
        return TEXT.schema(defs)


@final
@attrs.frozen
class ReferenceShape(Shape):
    """Text that names a thing of one of these kinds, defined anywhere in the documents."""

    kinds: tuple[str, ...]

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the text; whether there is such a thing is checked after reading everything."""
        if not isinstance(node, ScalarNode):
            article = "an" if self.kinds[0].startswith(("a", "e", "i", "o", "u")) else "a"
            message = f"{node_text(node)} is not the name of {article} {self.kinds[0]}"
            return into.problem(node, message, "write its name alone")
        value = _read_id(node, self.kinds[0], into)
        if not isinstance(value, Unreadable):
            into.refer(node, *self.kinds)
        return value

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the text."""
        return TEXT.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return text or number, described by what it names."""
        return TEXT.schema(defs) | {"description": f"Names a {self.kinds[0]}."}
