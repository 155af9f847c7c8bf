"""What if there are millions? Columns in, columns out, and solvers in compiled code.

Needs the extra `batch`. Start reading at `matching`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

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
