"""Surprises: answers that are probably not intended, found by a search in your own facts.

Start with `find_surprises`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.testing.surprises.search import find_surprises
    from entitlements.testing.surprises.surprise import Surprise, SurpriseKind
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {"search": ("find_surprises",), "surprise": ("Surprise", "SurpriseKind")},
    )

__all__ = ["Surprise", "SurpriseKind", "find_surprises"]
