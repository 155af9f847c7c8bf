"""Writers of objects as JSON text, each made for one class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any, Final, NamedTuple

import attrs

from entitlements.kernel.data.generated import generated_function
from entitlements.kernel.on_demand.memo import Memo

NO_DEFAULT: Final = object()


class WrittenField(NamedTuple):
    """A field of a class, and how it is written.

    Attributes:
        name: Its name.
        default: Left out where the value equals it; `NO_DEFAULT` for never.
        write: Returns the text of its value; None for what writes values of that kind.
    """

    name: str
    default: object = NO_DEFAULT
    write: Callable[[Any], str] | None = None


def object_writer(
    fields: Iterable[WrittenField], by_kind: Mapping[type, Callable[[Any], str]] | None = None
) -> Callable[[Any], str]:
    """Return what writes objects with these fields, in their order.

    Args:
        fields: The fields.
        by_kind: What writes values of each kind, where the field does not say it.

    >>> write = object_writer([WrittenField("real", write=str), WrittenField("imag", 0, str)])
    >>> write(3), write(2j)
    ('{"real":3}', '{"real":0.0,"imag":2.0}')
    """
    steps, names = ["text = ''"], dict[str, object](by_kind=by_kind)
    for number, (name, default, write) in enumerate(fields):
        names |= {f"default_{number}": default, f"write_{number}": write}
        text = "by_kind[type(each)](each)" if write is None else f"write_{number}(each)"
        add = f"text += {f',{encode_basestring(name)}:'!r} + {text}"
        other = f"if each is not default_{number} and each != default_{number}: "
        steps += [f"each = value.{name}", add if default is NO_DEFAULT else other + add]
    steps.append("return '{' + text[1:] + '}'")
    return generated_function("value", steps, names)


def keeping_writer(write: Callable[[Any], str], most: int) -> Callable[[Any], str]:
    """Return what writes as `write` does, and keeps the texts of at least half of `most` values.

    Args:
        write: What writes values that never change.
        most: The bound, in values.

    >>> written = keeping_writer(str, 4)
    >>> written(day := ("Mo", "Tu")) is written(day)
    True
    """
    kept: Memo[int, tuple[object, str]] = Memo(most)

    def written(value: Any) -> str:
        # What is kept holds its value, so that no other one has its identity.
        known = kept.get(id(value))
        return kept.put(id(value), (value, write(value)))[1] if known is None else known[1]

    return written


def default_of(field: attrs.Attribute[Any]) -> object:
    """Return the value of a field for which none is given, or `NO_DEFAULT`."""
    default: Any = field.default
    if default is attrs.NOTHING or getattr(default, "takes_self", False):
        return NO_DEFAULT
    factory = getattr(default, "factory", None)
    if factory is not None:
        default = factory()
    convert: Any = field.converter
    return default if convert is None else convert(default)
