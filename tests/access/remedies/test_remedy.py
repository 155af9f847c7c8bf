"""Remedies as values; `test_remedies` has how they are found."""

from __future__ import annotations

import pytest

from entitlements.access import Denied, Remedy, RemedyKind
from entitlements.engine import Engine, Facts
from entitlements.kernel import InvalidValueError, Request, utc

NINE = utc("2026-03-02T09:00Z")
ASK = Request(id="R-1", customer="acme", contact="dana", product="db", channel="phone")


def remedy(kind: str) -> Remedy:
    decision = Engine(Facts()).assess(ASK, NINE).decision
    assert isinstance(decision, Denied)
    return Remedy(kind=kind, target="2026-03-02", ask=ASK, at=NINE, leads_to=decision)  # type: ignore[arg-type]


def test_the_kind_of_a_remedy_may_be_text() -> None:
    assert remedy("wait_until").kind is RemedyKind.WAIT_UNTIL


def test_an_unknown_kind_of_remedy_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="pray"):
        remedy("pray")
