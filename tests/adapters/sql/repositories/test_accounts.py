from __future__ import annotations

from collections.abc import Callable

import pytest

from entitlements.adapters.sql import SqlStore
from entitlements.testing.laws.ports import FACT_LAWS, Law


@pytest.mark.parametrize("law", FACT_LAWS, ids=lambda law: law.__name__)
def test_facts_keep_the_laws(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)
