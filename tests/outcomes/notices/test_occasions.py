from __future__ import annotations

from typing import Any

import pytest
from tests.outcomes.notices.test_due import clause as clause_of
from tests.outcomes.notices.test_due import contract, facts, held, needed

from entitlements.contracts import Asset, Coverage

LATHE = Asset(id="L-1", product="db", site="hall", groups=["lathes"])


@pytest.mark.parametrize(
    ("coverage", "is_informed"),
    [
        ({}, True),
        ({"level": "party", "ids": ["dealer"]}, True),
        ({"level": "product", "ids": ["web"]}, False),
        ({"level": "product_group", "ids": ["systems"]}, False),
        ({"level": "asset", "ids": ["L-1"]}, True),
        ({"level": "asset", "ids": ["L-2"]}, False),
        ({"level": "asset_group", "ids": ["lathes"]}, True),
        ({"level": "site", "ids": ["hall"]}, True),
        ({"level": "site", "ids": ["yard"]}, False),
    ],
)
def test_who_has_something_of_a_product_is_informed(
    coverage: dict[str, Any],
    is_informed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    account = held(contract(months=None, coverage=Coverage(**coverage)), assets=[LATHE])
    found = needed(facts(account), clause_of("end_of_life"))
    assert ("db" in [row[1] for row in found]) is is_informed
