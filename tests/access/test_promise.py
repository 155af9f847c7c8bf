"""Promises: what clocks and routing depend on."""

from __future__ import annotations

import attrs
from tests.engine.worlds import facts, request

from entitlements.access import Obligation, ObligationKind
from entitlements.engine import Engine
from entitlements.kernel.instants import utc

AT = utc("2026-03-02T10:00+01:00")


def test_promises_of_the_same_work_have_equal_service_terms() -> None:
    acme = Engine(facts()).assess(request(), AT).decision
    euro = Engine(facts()).assess(request(customer="eurodata"), AT).decision
    assert acme.promise.service_terms == attrs.evolve(acme.promise, immediate=False).service_terms  # type: ignore[union-attr]
    assert acme.promise.service_terms != euro.promise.service_terms, "residency is an obligation"  # type: ignore[union-attr]


def test_consent_to_overage_changes_nothing_that_clocks_and_routing_depend_on() -> None:
    promise = Engine(facts()).assess(request(), AT).decision.promise  # type: ignore[union-attr]
    consent = Obligation(kind=ObligationKind.CONSENT, values=("cases",))
    clearance = Obligation(kind=ObligationKind.CLEARANCE, values=("secret",))
    asked = attrs.evolve(promise, obligations=(consent,))
    assert asked.service_terms == promise.service_terms
    assert attrs.evolve(promise, obligations=(clearance,)).service_terms != promise.service_terms
