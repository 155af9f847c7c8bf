from __future__ import annotations

from entitlements.ports import CatalogEdition
from entitlements.sla import SlaPolicy, Target
from entitlements.testing.strategies.ports import START


def test_policies_of_an_edition_are_ordered() -> None:
    gold, bronze = (
        SlaPolicy(id=id, targets=[Target(milestone="resolution", within=None)])
        for id in ("gold", "bronze")
    )
    edition = CatalogEdition(number=1, recorded=START, policies=[gold, bronze])
    assert edition.policies == (bronze, gold)
