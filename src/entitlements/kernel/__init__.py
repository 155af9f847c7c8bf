"""Which words do we share? Errors, ids, instants, spans, durations and requests.

Start reading at `errors`, go on to `instants` and `spans`, end at `requests`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.kernel.durations import format_duration, parse_duration
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
        TransitionError,
        UnknownIdError,
    )
    from entitlements.kernel.frozenmaps import FrozenMap
    from entitlements.kernel.instants import from_micros, to_micros, utc
    from entitlements.kernel.no_truth_value import NoTruthValue
    from entitlements.kernel.requests import Request
    from entitlements.kernel.spans import Span
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "durations": ("format_duration", "parse_duration"),
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
                "TransitionError",
                "UnknownIdError",
            ),
            "frozenmaps": ("FrozenMap",),
            "instants": ("from_micros", "to_micros", "utc"),
            "no_truth_value": ("NoTruthValue",),
            "requests": ("Request",),
            "spans": ("Span",),
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
    "NeverReachedError",
    "NoTruthValue",
    "NotCoveredError",
    "Request",
    "Span",
    "StorageError",
    "TransitionError",
    "UnknownIdError",
    "format_duration",
    "from_micros",
    "parse_duration",
    "to_micros",
    "utc",
]
