from __future__ import annotations

from tests.documents.examples import DOCUMENT, problems, read

from entitlements.documents import parse_facts
from entitlements.documents.sections.catalog import GROUP, PRODUCT
from entitlements.documents.shapes.scalars import WriteContext


def test_products_and_groups_may_be_names_alone() -> None:
    assert PRODUCT.write(read(PRODUCT, "db"), WriteContext()) == "db"
    assert read(GROUP, "{id: dba, name: Databases}").name == "Databases"


def test_versions_keep_their_text() -> None:
    versions = read(PRODUCT, "{id: web, versions: [1.10, {id: 2, end_of_support: 2026-01-01}]}")
    assert [each.id for each in versions.versions] == ["1.10", "2"]


def test_minutes_may_be_an_amount_of_time() -> None:
    old = "unit: incidents, amount: 10, recurrence: month"
    text = DOCUMENT.replace(old, "unit: minutes, amount: 25h, cost: 90 minutes")
    (allowance,) = parse_facts(text).catalog.plans[0].allowances
    assert (allowance.amount, allowance.cost) == (1_500, 90)


def test_incidents_are_no_amount_of_time() -> None:
    old = "unit: incidents, amount: 10, recurrence: month"
    (found,) = problems(DOCUMENT.replace(old, "unit: incidents, amount: 25h"))
    assert "`25h` is not a whole number" in found
    (found,) = problems(DOCUMENT.replace(old, "unit: minutes, amount: 90s"))
    assert "`90s` is not a whole number of minutes" in found
