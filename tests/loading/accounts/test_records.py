from __future__ import annotations

from datetime import date

import attrs
import pytest
from tests.loading.documents import JANUARY, JUNE

from entitlements.contracts.account import Account
from entitlements.contracts.records.changes import Renewal
from entitlements.contracts.records.contract import Contract
from entitlements.kernel.errors import InvalidValueError
from entitlements.loading.accounts.records import (
    content,
    kind_of,
    last_recorded,
    latest,
    recorded_from,
)

CONTRACT = Contract(id="C-1", customer="acme", zone="UTC", start=date(2026, 1, 1), months=12)
CORRECTED = attrs.evolve(CONTRACT, months=6, recorded=JANUARY)


def test_the_record_that_became_known_last_is_the_latest() -> None:
    assert latest([CORRECTED, CONTRACT]) == latest([CONTRACT, CORRECTED]) == {"C-1": CORRECTED}


def test_when_a_record_became_known_is_no_content() -> None:
    assert content(attrs.evolve(CONTRACT, recorded=JUNE)) == CONTRACT


def test_a_record_becomes_known_with_the_load_unless_it_says_otherwise() -> None:
    renewal = Renewal(id="R-1", contract="C-1", months=12, recorded=JANUARY)
    account = Account(customer="acme", contracts=[CONTRACT], changes=[renewal])
    known = recorded_from(account, JUNE)
    assert known.contracts[0].recorded == JUNE
    assert known.changes == (renewal,)
    assert last_recorded(account) == JANUARY
    assert last_recorded(known) == JUNE


def test_a_record_that_is_corrected_stays_known_for_always() -> None:
    account = Account(customer="acme", contracts=[CONTRACT, CORRECTED])
    assert recorded_from(account, JUNE) == account


def test_a_record_that_became_known_after_the_load_is_refused() -> None:
    account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, recorded=JUNE)])
    with pytest.raises(InvalidValueError, match="2026-06-15T08:00:00Z"):
        recorded_from(account, JANUARY)


def test_kinds_are_those_of_the_documents() -> None:
    assert kind_of(CONTRACT) == "contract"
    assert kind_of(Renewal(id="R-1", contract="C-1", months=12)) == "renewal"
