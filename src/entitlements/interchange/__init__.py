"""How do the facts of other systems become ours? One module for each format.

Each needs its own extra and imports it only when it is asked: start at `holidays`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.interchange.holidays import public_holidays
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "holidays": ("public_holidays",),
        },
    )

__all__ = ["public_holidays"]
