from __future__ import annotations

from collections.abc import Callable

import pytest

from entitlements.adapters.composed_admissions import ComposedAdmissions
from entitlements.adapters.memory import MemoryStore
from entitlements.testing.laws.ports import ADMISSION_LAWS, Law
from entitlements.testing.strategies.ports import account, admission


@pytest.mark.parametrize("law", ADMISSION_LAWS, ids=lambda law: law.__name__)
def test_admissions_keep_the_laws(law: Law) -> None:
    law(MemoryStore)


WRITES = (
    "ledger.append",
    "cases.open",
    "work_items.add",
    "commands.record",
    "outbox.put_all",
    "decisions.append",
)


def noting(calls: list[str], word: str, call: Callable[..., object]) -> Callable[..., object]:
    """Return a call that is noted before it is made."""

    def noted(*given: object, **named: object) -> object:
        calls.append(word)
        return call(*given, **named)

    return noted


def test_the_chain_is_written_last() -> None:
    calls: list[str] = []
    with MemoryStore().begin("t") as work:
        work.accounts.open(account())
        for word in WRITES:
            name, _, method = word.partition(".")
            part = getattr(work, name)
            setattr(part, method, noting(calls, word, getattr(part, method)))
        admissions = ComposedAdmissions(work)
        admissions.write(admission(admissions.facts("k", "acme")))
    assert calls[0] == "ledger.append"
    assert calls[-1] == "decisions.append"
    assert sorted(calls) == sorted(WRITES)
