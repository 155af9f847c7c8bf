"""Assignment overrides: an assignment to an agent who is not eligible, with name and reason.

An override is stored with the assigned work. It never sets an obligation aside.
"""

from __future__ import annotations

from typing import Final, final

import attrs

from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier

MAX_REASON: Final = 500


def _reason(value: str) -> str:
    if not isinstance(value, str):
        raise InvalidValueError(f"`{value!r}` is not the reason of an override", hint="use text")
    if not value.strip() or not value.isprintable():
        raise InvalidValueError(
            f"`{value!r}` is not the reason of an override", hint="use one line of printable text"
        )
    if len(value) > MAX_REASON:
        raise LimitExceededError(
            f"reason `{value[:20]}...` is too long",
            hint=f"use at most {MAX_REASON} characters",
        )
    return value


@final
@attrs.frozen(kw_only=True)
class AssignmentOverride:
    """Permission for one assignment to an agent who is not eligible.

    It sets aside every rule except clearances and residency, which the contract requires.

    Attributes:
        by: The person who decided it.
        reason: One line of 1 to 500 printable characters.

    >>> AssignmentOverride(by="grace", reason="the only one who knows this customer").by
    'grace'
    """

    by: str = attrs.field(converter=identifier)
    reason: str = attrs.field(converter=_reason)


def optional_override(value: AssignmentOverride | None) -> AssignmentOverride | None:
    """Return `value` if it is an override or None; raise `InvalidValueError` otherwise."""
    return None if value is None else instance_of(AssignmentOverride, value)
