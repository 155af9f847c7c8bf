"""A catalog is checked when it is built."""

from datetime import date
from typing import Any

import pytest

from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Catalog,
    ContractLine,
    ExpertGroup,
    Plan,
    Precedence,
    Product,
    ServiceProduct,
)
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    UnknownIdError,
)

DAY = date(2026, 3, 2)


def plan(version: str = "1", **said: Any) -> Plan:
    """Return a version of the plan `gold`."""
    return Plan(
        id="gold",
        version=version,
        policy="p",
        severities=["S1"],
        channels=["web"],
        **{"rights": [AccessRight(id="r", group="dba")], **said},
    )


def catalog(*plans: Plan, **said: Any) -> Catalog:
    """Return a catalog of these plans, with one group."""
    return Catalog(plans=plans, **{"groups": [ExpertGroup(id="dba")], **said})


def line(**said: Any) -> ContractLine:
    """Return a line of the plan `gold`."""
    return ContractLine(id="1", **{"plan": "gold", **said})


def test_the_version_on_sale_is_the_latest_begun() -> None:
    found = catalog(
        plan("1"), plan("2", effective=date(2026, 2, 1)), plan("3", effective=date(2026, 4, 1))
    )
    assert found.plan_sold(line(), DAY).version == "2"
    assert found.plan_sold(line(), date(2026, 1, 31)).version == "1"
    assert found.plan_sold(line(), date(2026, 4, 1)).version == "3"
    assert found.plan_sold(line(plan_version="1"), DAY).version == "1"


def test_a_line_may_bind_a_calendar_of_the_plan() -> None:
    found = catalog(calendars={"desk": Calendar.always(), "emea": Calendar.never()})
    assert found.calendar("desk", line()) == Calendar.always()
    assert found.calendar("desk", line(calendars={"desk": "emea"})) == Calendar.never()


@pytest.mark.parametrize(
    ("left_to_the_line", "said", "error", "path"),
    [
        pytest.param([], {}, None, None, id="the calendar of the plan"),
        pytest.param([], {"calendars": {"desk": "emea"}}, None, None, id="another in its place"),
        pytest.param(
            [], {"calendars": {"desk": "moon"}}, UnknownIdError, "calendars", id="none such"
        ),
        pytest.param(["site"], {"calendars": {"site": "emea"}}, None, None, id="bound"),
        pytest.param(["site"], {}, InvalidValueError, "calendars", id="not bound"),
        pytest.param(
            ["site"], {"calendars": {"site": "moon"}}, UnknownIdError, "calendars", id="to none"
        ),
        pytest.param([], {"plan": "iron"}, UnknownIdError, "plan", id="no such plan"),
        pytest.param(
            [], {"plan_version": "9"}, UnknownIdError, "plan_version", id="no such version"
        ),
    ],
)
def test_a_line_names_a_plan_and_all_calendars_that_the_plan_needs(
    left_to_the_line: list[str],
    said: dict[str, Any],
    error: type[EntitlementsError] | None,
    path: str | None,
) -> None:
    rights = [AccessRight(id="r", group="dba", hours="desk"), AccessRight(id="any", group="dba")]
    found = catalog(
        plan(rights=rights, line_calendars=left_to_the_line),
        calendars={"desk": Calendar.always(), "emea": Calendar.never()},
    )
    if error is None:
        found.check_line(line(**said), DAY)
        return
    with pytest.raises(error) as raised:
        found.check_line(line(**said), DAY)
    assert str(raised.value.path).startswith(str(path))


def test_products_are_found_by_id() -> None:
    found = catalog(products=[Product(id="db")])
    assert found.product("db") == Product(id="db")
    assert found.product("os") is None


def test_the_order_of_entitlements_is_declared() -> None:
    assert catalog(precedence=["cheapest_use"]).precedence == (Precedence.CHEAPEST_USE,)


@pytest.mark.parametrize(
    ("plans", "said", "error", "path"),
    [
        pytest.param([plan(), plan()], {}, DuplicateIdError, None, id="version twice"),
        pytest.param(
            [plan()], {"groups": []}, UnknownIdError, "plans[0].rights[0].group", id="group"
        ),
        pytest.param(
            [plan(general_group="desk")], {}, UnknownIdError, "plans[0].general_group", id="general"
        ),
        pytest.param([plan(service="care")], {}, UnknownIdError, "plans[0].service", id="service"),
        pytest.param(
            [plan(rights=[AccessRight(id="r", group="dba", hours="desk")])],
            {},
            UnknownIdError,
            "plans[0].rights[0].hours",
            id="calendar",
        ),
        pytest.param(
            [plan(rights=[AccessRight(id="r", group="dba", products=["db"])])],
            {},
            UnknownIdError,
            "plans[0].rights[0].products",
            id="product",
        ),
        pytest.param(
            [], {"products": [Product(id="a")] * 2}, DuplicateIdError, None, id="product twice"
        ),
        pytest.param(
            [],
            {"services": [ServiceProduct(id="a")] * 2},
            DuplicateIdError,
            None,
            id="service twice",
        ),
    ],
)
def test_names_that_point_at_nothing_are_refused_with_their_place(
    plans: list[Plan], said: dict[str, Any], error: type[EntitlementsError], path: str | None
) -> None:
    with pytest.raises(error) as caught:
        catalog(*plans, **said)
    assert caught.value.path == path


def test_a_plan_that_is_not_sold_is_refused() -> None:
    found = catalog(plan(effective=date(2026, 4, 1)))
    with pytest.raises(UnknownIdError, match="gold on 2026-03-02"):
        found.plan_sold(line(), DAY)
    with pytest.raises(UnknownIdError, match="plan version"):
        found.plan_sold(line(plan_version="9"), DAY)
    with pytest.raises(UnknownIdError, match="did you mean `gold`"):
        found.plan_sold(line(plan="gild"), DAY)
    with pytest.raises(UnknownIdError, match="calendar"):
        found.calendar("desk", line())


def test_a_version_never_gives_way_to_an_earlier_one() -> None:
    sold = plan("1")
    second = plan("2", effective=date(2026, 2, 1), existing_from=date(2026, 9, 1))
    third = plan("3", effective=date(2026, 3, 1), existing_from=date(2026, 4, 1))
    found = catalog(sold, second, third)
    assert found.later_versions(sold) == [third]
    assert found.later_versions(second) == [third]
    assert found.later_versions(third) == []
    twin = plan("0", existing_from=date(2026, 1, 1))
    assert catalog(twin, sold).later_versions(sold) == []
