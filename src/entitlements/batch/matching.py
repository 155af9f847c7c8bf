"""Minimum-cost matching with SciPy, for hundreds of rows.

The result has as many pairs and the same cost as that of `min_cost_matching` in
`entitlements.routing.batch_assignment`; if several matchings are equally good, it may be another
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import LimitExceededError
from entitlements.routing.batch_assignment import Costs, unmatched_penalty

MAX_EXACT: Final = 2**53
"""Above this, floating-point numbers do not represent all whole numbers."""


def scipy_pairs(costs: Costs) -> dict[int, int]:
    """Return the column of each row in the cheapest of the matchings with the most pairs.

    >>> scipy_pairs({(0, 0): 1, (0, 1): 5, (1, 0): 2})
    {0: 1, 1: 0}

    Raises:
        InvalidValueError: a cost is negative.
        LimitExceededError: the costs together do not fit into 53 bits.
    """
    if not instance_of(Mapping, costs):  # type: ignore[type-abstract] # only asked about
        return {}
    alone = unmatched_penalty(costs)
    rows = sorted({row for row, _ in costs})
    columns = sorted({column for _, column in costs})
    if alone * max(len(rows), len(columns)) > MAX_EXACT:
        raise LimitExceededError(
            "costs are too large to be added exactly", hint="scale them down, or solve in Python"
        )
    row_at = {row: n for n, row in enumerate(rows)}
    column_at = {column: n for n, column in enumerate(columns)}
    matrix = np.full((len(rows), len(columns)), alone, dtype=np.float64)
    for (row, column), cost in costs.items():
        matrix[row_at[row], column_at[column]] = cost
    chosen = zip(*linear_sum_assignment(matrix), strict=True)
    pairs = {rows[int(row)]: columns[int(column)] for row, column in chosen}
    return {row: column for row, column in sorted(pairs.items()) if (row, column) in costs}
