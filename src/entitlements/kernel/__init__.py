"""Shared values: errors, ids, instants, spans, durations, money and requests.

Start with `Request`; `EntitlementsError` is the base of every error, `utc` reads instants.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.kernel.errors import (
        ConflictError,
        DocumentError,
        DuplicateIdError,
        EntitlementsError,
        InvalidValueError,
        LimitExceededError,
        NeverReachedError,
        NotCoveredError,
        StorageError,
        TooEarlyError,
        TransitionError,
        UnknownIdError,
    )
    from entitlements.kernel.frozenmaps import FrozenMap
    from entitlements.kernel.instants import utc
    from entitlements.kernel.money.money import Money
    from entitlements.kernel.periods.durations import format_duration, parse_duration
    from entitlements.kernel.periods.spans import Span
    from entitlements.kernel.requests import Request
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "periods.durations": ("format_duration", "parse_duration"),
            "errors": (
                "ConflictError",
                "DocumentError",
                "DuplicateIdError",
                "EntitlementsError",
                "InvalidValueError",
                "LimitExceededError",
                "NeverReachedError",
                "NotCoveredError",
                "StorageError",
                "TooEarlyError",
                "TransitionError",
                "UnknownIdError",
            ),
            "frozenmaps": ("FrozenMap",),
            "instants": ("utc",),
            "money.money": ("Money",),
            "requests": ("Request",),
            "periods.spans": ("Span",),
        },
    )

__all__ = [
    "ConflictError",
    "DocumentError",
    "DuplicateIdError",
    "EntitlementsError",
    "FrozenMap",
    "InvalidValueError",
    "LimitExceededError",
    "Money",
    "NeverReachedError",
    "NotCoveredError",
    "Request",
    "Span",
    "StorageError",
    "TooEarlyError",
    "TransitionError",
    "UnknownIdError",
    "format_duration",
    "parse_duration",
    "utc",
]
