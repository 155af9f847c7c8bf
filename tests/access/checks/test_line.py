"""Checks of a contract line: what they read, and the reasons they give."""

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, REQUEST

from entitlements.access import Reason
from entitlements.access.checks.line import (
    contract_failures,
    coverage_failures,
    depends_on_assets,
    missing_facts_failures,
    status_failures,
)
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import (
    Account,
    Asset,
    Block,
    Coverage,
    Product,
    line_histories,
)
from entitlements.contracts.account import AccountPart
from entitlements.contracts.lines.line_history import LineState
from entitlements.kernel.instants import to_micros, utc

AT = to_micros(utc("2026-03-02T10:00Z"))


def standing(**said: object) -> LineState:
    """Return the state of the small world's line, with these fields changed."""
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


@pytest.mark.parametrize(
    ("level", "id", "asset", "expected"),
    [
        pytest.param("site", "bonn", None, Reason.ASSET_UNKNOWN, id="a site, and no asset"),
        pytest.param("site", "bonn", {}, Reason.ASSET_UNKNOWN, id="an asset at no known site"),
        pytest.param("site", "bonn", {"site": "bonn"}, None, id="an asset at the site"),
        pytest.param("site", "bonn", {"site": "rome"}, Reason.NOT_COVERED, id="another site"),
        pytest.param(
            "site", "bonn", {"product": "os"}, Reason.NOT_COVERED, id="an asset of another product"
        ),
        pytest.param("asset", "A", None, Reason.ASSET_UNKNOWN, id="an asset that is not known"),
        pytest.param("asset", "A", {}, None, id="the asset"),
        pytest.param("asset", "B", {}, Reason.NOT_COVERED, id="another asset"),
        pytest.param("product", "db", None, None, id="the product, whatever the asset"),
    ],
)
def test_coverage_by_asset_or_site_needs_an_asset_that_the_account_states(
    level: str, id: str, asset: dict[str, str] | None, expected: Reason | None
) -> None:
    line = attrs.evolve(CONTRACT.lines[0], coverage=Coverage(level=level, ids=[id]))
    asks = attrs.evolve(REQUEST, asset="A", site="bonn")
    known = None if asset is None else Asset(**{"id": "A", "product": "db", **asset})
    failures = coverage_failures(standing(line=line), Product(id="db"), known, asks)
    assert reasons_of_bits(failures) == (() if expected is None else (expected,))
