"""Checks of life cycles: service product, product and version."""

from datetime import date

import attrs
import pytest
from tests.access.small import CATALOG, PLAN, REQUEST

from entitlements.access import Reason
from entitlements.access.checks.support import (
    service_failures,
    support_edges,
    support_failures,
    support_span,
)
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import (
    LifeCycle,
    Product,
    ProductVersion,
    ServiceProduct,
)
from entitlements.kernel.instants import to_micros, utc

AT = to_micros(utc("2026-03-02T10:00Z"))

LIFE = LifeCycle(general_availability=date(2026, 3, 2), end_of_support=date(2026, 3, 2))
DB = Product(
    id="db",
    life_cycle=LIFE,
    versions=[ProductVersion(id="1", end_of_support=date(2026, 3, 1)), ProductVersion(id="2")],
)


@pytest.mark.parametrize(
    ("at", "version", "expected"),
    [
        pytest.param("2026-03-01T23:00Z", "2", (), id="the first instant, in Berlin"),
        pytest.param("2026-03-01T22:59Z", "2", (Reason.PRODUCT_NOT_RELEASED,), id="before"),
        pytest.param("2026-03-02T22:59Z", "2", (), id="the last minute"),
        pytest.param("2026-03-02T23:00Z", "2", (Reason.PRODUCT_OUT_OF_SUPPORT,), id="after"),
        pytest.param("2026-03-02T10:00Z", "1", (Reason.VERSION_OUT_OF_SUPPORT,), id="old version"),
        pytest.param("2026-03-02T10:00Z", "9", (Reason.VERSION_UNKNOWN,), id="no such version"),
        pytest.param("2026-03-02T10:00Z", None, (Reason.VERSION_NOT_STATED,), id="none said"),
    ],
)
def test_support_is_read_in_the_contracts_zone(
    at: str, version: str | None, expected: tuple[Reason, ...]
) -> None:
    request = attrs.evolve(REQUEST, version=version)
    bits = support_failures(DB, request, "Europe/Berlin", to_micros(utc(at)))
    assert reasons_of_bits(bits) == expected


def test_edges_are_where_support_changes() -> None:
    edges = support_edges(DB, [PLAN], attrs.evolve(REQUEST, version="1"), CATALOG, "UTC")
    assert edges == {to_micros(utc(f"2026-03-{day:02}T00:00Z")) for day in (2, 3)}
    assert support_span(LifeCycle(), "UTC") == (None, None)
    assert support_edges(None, [], REQUEST, CATALOG, "UTC") == set()


def test_edges_are_those_of_the_version_asked_about_or_of_all() -> None:
    ends = {"1": date(2026, 6, 1), "2": date(2026, 7, 1), "3": None}
    product = Product(
        id="db", versions=[ProductVersion(id=id, end_of_support=end) for id, end in ends.items()]
    )
    june, july = (to_micros(utc(f"2026-{month}-02T00:00Z")) for month in ("06", "07"))
    for version, expected in (("1", {june}), ("2", {july}), ("3", set()), (None, {june, july})):
        asked = attrs.evolve(REQUEST, version=version)
        assert support_edges(product, [], asked, CATALOG, "UTC") == expected


def test_a_service_is_offered_from_its_first_day_through_its_last() -> None:
    other = ServiceProduct(id="other", life_cycle=LifeCycle(end_of_support=date(2026, 1, 1)))
    catalog = attrs.evolve(CATALOG, services=[ServiceProduct(id="care", life_cycle=LIFE), other])
    start, end = (to_micros(utc(f"2026-03-{day:02}T00:00Z")) for day in (2, 3))
    for at, offered in ((start - 1, False), (start, True), (end - 1, True), (end, False)):
        failures = service_failures(PLAN, catalog, "UTC", at)
        assert reasons_of_bits(failures) == (() if offered else (Reason.SERVICE_ENDED,))
    assert support_edges(None, [PLAN], REQUEST, catalog, "UTC") == {start, end}


def test_a_plan_without_a_service_product_depends_on_none() -> None:
    assert service_failures(attrs.evolve(PLAN, service=None), CATALOG, "UTC", AT) == 0
