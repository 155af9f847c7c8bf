from __future__ import annotations

from collections.abc import Callable

import pytest

from entitlements.adapters.sql import SqlStore
from entitlements.testing.laws.ports import TRAIL_LAWS, Law


@pytest.mark.parametrize("law", TRAIL_LAWS, ids=lambda law: law.__name__)
def test_outbox_and_decisions_keep_the_laws(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)
