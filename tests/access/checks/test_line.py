"""The checks one by one: what they read, and the bits they give."""

from datetime import date

import attrs
import pytest
from tests.access.small import CASES, CATALOG, CONTRACT, PLAN, REQUEST

from entitlements.access import Reason
from entitlements.access.checks.line import (
    contract_failures,
    coverage_failures,
    depends_on_assets,
    missing_facts_failures,
    status_failures,
)
from entitlements.access.checks.plan import plan_failures, right_failures
from entitlements.access.checks.support import (
    service_failures,
    support_edges,
    support_failures,
    support_span,
)
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import (
    Account,
    Block,
    Coverage,
    Grace,
    LifeCycle,
    Product,
    ProductVersion,
    line_histories,
)
from entitlements.contracts.account import AccountPart
from entitlements.contracts.lines.line_history import LineState
from entitlements.kernel.instants import to_micros, utc

AT = to_micros(utc("2026-03-02T10:00Z"))


def standing(**said: object) -> LineState:
    """Return how the line of the small world stands, but for this."""
    account = Account(customer="acme", contracts=[CONTRACT])
    found = line_histories(account, CATALOG)[0].states.at(AT)
    return attrs.evolve(found, **said)  # type: ignore[arg-type]


def test_only_parts_that_are_needed_have_to_be_known() -> None:
    account = Account(customer="acme", unknown={"ledger": "down"})
    assert reasons_of_bits(
        missing_facts_failures(account, [AccountPart.CASES, AccountPart.LEDGER])
    ) == (Reason.FACTS_MISSING,)
    assert missing_facts_failures(account, [AccountPart.CASES]) == 0


def test_a_block_of_access_and_a_status_are_said_apart() -> None:
    account = Account(
        customer="acme",
        contracts=[attrs.evolve(CONTRACT, months=1)],
        changes=[Block(id="B", start=utc("2026-01-01T00:00Z"))],
    )
    found = line_histories(account, CATALOG)[0].states.at(AT)
    assert reasons_of_bits(status_failures(found)) == (
        Reason.CONTRACT_EXPIRED,
        Reason.ACCESS_BLOCKED,
    )
    assert status_failures(standing()) == 0


def test_a_request_may_insist_on_a_contract() -> None:
    insists = attrs.evolve(REQUEST, contract="D")
    assert contract_failures("D", insists) == contract_failures("C", REQUEST) == 0
    assert reasons_of_bits(contract_failures("C", insists)) == (Reason.OTHER_CONTRACT,)


def test_a_product_out_of_the_catalog_is_unknown_whatever_is_covered() -> None:
    assert reasons_of_bits(coverage_failures(standing(), None, None, REQUEST)) == (
        Reason.PRODUCT_UNKNOWN,
    )


def test_assets_are_needed_where_they_decide() -> None:
    by_site = attrs.evolve(CONTRACT.lines[0], coverage=Coverage(level="site", ids=["bonn"]))
    names_one = attrs.evolve(REQUEST, asset="A")
    assert depends_on_assets(standing(line=by_site), names_one)
    assert not depends_on_assets(standing(line=by_site), REQUEST)
    assert not depends_on_assets(standing(), names_one)


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


def test_a_plan_without_a_service_product_depends_on_none() -> None:
    assert service_failures(attrs.evolve(PLAN, service=None), CATALOG, "UTC", AT) == 0


def test_a_plan_takes_its_channels_and_its_severities() -> None:
    plan = attrs.evolve(PLAN, may_not_open=["S2"])
    asked = attrs.evolve(REQUEST, channel="fax", severity="S2")
    assert reasons_of_bits(plan_failures(plan, asked)) == (
        Reason.CHANNEL_NOT_IN_PLAN,
        Reason.SEVERITY_NOT_OPENABLE,
    )
    assert reasons_of_bits(plan_failures(plan, attrs.evolve(REQUEST, severity="S9"))) == (
        Reason.SEVERITY_UNKNOWN,
    )


def test_a_right_says_everything_that_is_wrong_at_once() -> None:
    right = attrs.evolve(
        PLAN.rights[0],
        products=["os"],
        channels=["web"],
        severities=["S2"],
        conditions=["reachable"],
        allowance="cases",
    )
    plan = attrs.evolve(PLAN, rights=[right], allowances=[CASES], grace=Grace(days=3))
    bits = right_failures(
        right, standing(plan=plan), attrs.evolve(REQUEST, group="desk"), counted=True
    )
    assert reasons_of_bits(bits) == (
        Reason.GROUP_NOT_IN_PLAN,
        Reason.PRODUCT_NOT_IN_RIGHT,
        Reason.CHANNEL_NOT_IN_RIGHT,
        Reason.SEVERITY_NOT_IN_RIGHT,
        Reason.CONDITION_NOT_MET,
    )
