"""Formats of other systems, one module each: public holidays.

Each needs its own extra, which is imported only when it is used.
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
