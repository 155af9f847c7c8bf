"""What if there are millions? Columns in, columns out, and solvers in compiled code.

Needs the extra `batch`. Start reading at `matching`.
"""

from entitlements.batch.matching import scipy_pairs

__all__ = ["scipy_pairs"]
