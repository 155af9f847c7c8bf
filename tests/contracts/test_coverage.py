"""Seven covered levels, one example and one counterexample each."""

import pytest

from entitlements.contracts import Asset, Coverage, Product
from entitlements.contracts.records.contract import LEVEL_SPECIFICITY, CoverageLevel
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.requests import Request

DB = Product(id="db", groups=["systems"])
RACK = Asset(id="A1", product="db", site="bonn", groups=["racks"])
PRINTER = Asset(id="A2", product="printer", site="bonn", groups=["racks"])


def request(**asked: str) -> Request:
    """Return a request about the database."""
    return Request(
        id="R", customer="acme", contact="dana", product="db", severity="S1", channel="web", **asked
    )


@pytest.mark.parametrize(
    ("level", "ids", "asked", "asset", "covered"),
    [
        pytest.param("account", [], {}, None, True, id="everything of the account"),
        pytest.param("product", ["db"], {}, None, True, id="the product"),
        pytest.param("product", ["os"], {}, None, False, id="another product"),
        pytest.param("product_group", ["systems"], {}, None, True, id="a group of the product"),
        pytest.param("product_group", ["tools"], {}, None, False, id="a group without it"),
        pytest.param("asset", ["A1"], {"asset": "A1"}, RACK, True, id="the asset"),
        pytest.param("asset", ["A1"], {}, None, False, id="no asset named"),
        pytest.param(
            "asset", ["A2"], {"asset": "A2"}, PRINTER, False, id="an asset of something else"
        ),
        pytest.param("asset_group", ["racks"], {"asset": "A1"}, RACK, True, id="the asset's group"),
        pytest.param(
            "asset_group", ["racks"], {"asset": "A2"}, PRINTER, False, id="of something else"
        ),
        pytest.param("site", ["bonn"], {"site": "bonn"}, None, False, id="a site only said"),
        pytest.param("site", ["bonn"], {"site": "rome"}, None, False, id="another site"),
        pytest.param(
            "site", ["bonn"], {"asset": "A1", "site": "rome"}, RACK, True, id="the asset's site"
        ),
        pytest.param(
            "site", ["bonn"], {"asset": "A2", "site": "bonn"}, PRINTER, False, id="wrong asset"
        ),
        pytest.param("party", ["north"], {"party": "north"}, None, True, id="the subsidiary"),
        pytest.param("party", ["north"], {}, None, False, id="no subsidiary said"),
    ],
)
def test_a_level_covers(
    level: str, ids: list[str], asked: dict[str, str], asset: Asset | None, *, covered: bool
) -> None:
    assert Coverage(level=level, ids=ids).covers(request(**asked), DB, asset) is covered


def test_an_asset_is_the_most_specific_and_the_account_the_least() -> None:
    assert LEVEL_SPECIFICITY[CoverageLevel.ASSET] == 0
    assert max(LEVEL_SPECIFICITY, key=LEVEL_SPECIFICITY.__getitem__) is CoverageLevel.ACCOUNT


@pytest.mark.parametrize(("level", "ids"), [("account", ["x"]), ("product", [])])
def test_the_account_names_nothing_and_everything_else_something(
    level: str, ids: list[str]
) -> None:
    with pytest.raises(InvalidValueError, match="give ids at every level but"):
        Coverage(level=level, ids=ids)
