from __future__ import annotations

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.testing.laws.ports import CHANGE_LAWS, Law
from entitlements.testing.strategies.ports import account, case


@pytest.mark.parametrize("law", CHANGE_LAWS, ids=lambda law: law.__name__)
def test_changes_keep_the_laws(law: Law) -> None:
    law(MemoryStore)


def test_what_was_not_committed_has_changed_nothing() -> None:
    store = MemoryStore()
    with store.begin("t") as work:
        work.accounts.open(account())
        before = work.case_changes.mark()
        work.commit()
    with store.begin("t") as work:
        work.cases.open(case("a"))
        assert work.case_changes.since(before) == ("a",)
    with store.begin("t") as work:
        assert work.case_changes.mark() == before
        assert work.case_changes.since(before) == ()
