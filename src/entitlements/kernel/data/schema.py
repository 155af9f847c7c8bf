"""Schema of data: what a field states about its data, and errors that name a place in data.

Values import this module alone; the forms that write, read and describe them are imported when
data is first written or read.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn, TypeAlias

from entitlements.kernel.errors import EntitlementsError, InvalidValueError

JsonSchema: TypeAlias = dict[str, Any]
SchemaDefinitions: TypeAlias = dict[str, JsonSchema]
"""The named parts of a schema, filled while it is written."""

OMIT_NONE: Final = {"omit_none": True}
"""Metadata of a field that came later: what does not state it is written as before."""

AS_INSTANT: Final = {"as_instant": True}
"""Metadata of a field that holds an instant in microseconds, or None."""


def refuse(plain: object, what: str, path: str, hint: str | None = None) -> NoReturn:
    """Raise the error for data that is not `what` at `path`."""
    shown = repr(plain)
    shown = shown if len(shown) <= 60 else f"{shown[:60]}..."  # noqa: PLR2004 - a line of a log
    raise InvalidValueError(f"`{shown}` is not {what}", hint=hint, path=path)


def below(path: str, key: str) -> str:
    """Return the path of a key in the object at `path`."""
    return f"{path}.{key}" if path else key


def located(error: EntitlementsError, path: str) -> EntitlementsError:
    """Return the error with its place inside `path`."""
    if path and error.path != path:
        error.path = path if error.path is None else f"{path}.{error.path}"
    return error
