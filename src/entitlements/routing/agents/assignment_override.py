"""Assignment overrides: who sets rules of eligibility aside for one assignment, and why.

An override is a value that is kept with the work it was given for. It never lifts an obligation.
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
            f"`{value!r}` is not the reason of an override", hint="say why, in one line of text"
        )
    if len(value) > MAX_REASON:
        raise LimitExceededError(
            f"the reason `{value[:20]}...` is too long",
            hint=f"it has more than {MAX_REASON} characters",
        )
    return value


@final
@attrs.frozen(kw_only=True)
class AssignmentOverride:
    """Permission for one assignment that the rules of eligibility refuse.

    It sets aside every rule except clearances and residency, which the contract demands.

    Attributes:
        by: Who decided it.
        reason: Why, in one line of at most 500 characters.

    >>> AssignmentOverride(by="grace", reason="the only one who knows this customer").by
    'grace'
    """

    by: str = attrs.field(converter=identifier)
    reason: str = attrs.field(converter=_reason)


def optional_override(value: AssignmentOverride | None) -> AssignmentOverride | None:
    """Return `value` if it is an override or None; raise `InvalidValueError` otherwise."""
    return None if value is None else instance_of(AssignmentOverride, value)
