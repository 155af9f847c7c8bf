"""Compiled solvers for large batches. Needs the extra `batch`.

`scipy_pairs` solves the matching of a batch assignment with SciPy.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.batch.matching import scipy_pairs
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "matching": ("scipy_pairs",),
        },
    )

__all__ = ["scipy_pairs"]
