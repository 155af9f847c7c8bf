from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from entitlements.ports.admissions import AdmissionFacts
from entitlements.testing.strategies.ports import START, account, admission


def test_facts_that_were_read_at_another_instant_are_equal() -> None:
    facts = AdmissionFacts(now=START, done=None, edition=1, account=account())
    assert facts == attrs.evolve(facts, now=START + timedelta(hours=1))
    assert facts != attrs.evolve(facts, edition=2)


def test_an_admission_that_opens_nothing_has_neither_case_nor_work() -> None:
    facts = AdmissionFacts(done=None, edition=1, account=account())
    opens, denies = admission(facts), admission(facts, opens=False)
    assert opens.case is not None
    assert opens.item is not None
    assert [each.number for each in opens.entries] == [2]
    assert (denies.case, denies.item, denies.entries) == (None, None, ())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        denies.subject = "R-2"  # type: ignore[misc]
