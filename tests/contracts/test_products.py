"""Life cycles and versions: examples by the day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts import LifeCycle, Product, ProductVersion, ServiceProduct
from entitlements.contracts.products import LifeCyclePhase, ServiceKind
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError

WHOLE = LifeCycle(
    general_availability=date(2024, 1, 1),
    end_of_sale=date(2025, 1, 31),
    end_of_support=date(2026, 6, 30),
    end_of_life=date(2027, 6, 30),
)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        pytest.param(date(2023, 12, 31), LifeCyclePhase.DEVELOPMENT, id="the day before release"),
        pytest.param(date(2024, 1, 1), LifeCyclePhase.GENERAL_AVAILABILITY, id="the first day"),
        pytest.param(
            date(2025, 1, 31), LifeCyclePhase.GENERAL_AVAILABILITY, id="the last day of sale"
        ),
        pytest.param(date(2025, 2, 1), LifeCyclePhase.END_OF_SALE, id="the day after"),
        pytest.param(date(2026, 6, 30), LifeCyclePhase.END_OF_SALE, id="the last day of support"),
        pytest.param(date(2026, 7, 1), LifeCyclePhase.END_OF_SUPPORT, id="no more support"),
        pytest.param(date(2027, 7, 1), LifeCyclePhase.END_OF_LIFE, id="no more product"),
    ],
)
def test_a_phase_includes_its_last_day(day: date, phase: LifeCyclePhase) -> None:
    assert WHOLE.phase(day) is phase


def test_the_last_supported_day_is_the_earlier_of_two_ends() -> None:
    assert WHOLE.last_supported == date(2026, 6, 30)
    assert LifeCycle(end_of_life=date(2026, 1, 1)).last_supported == date(2026, 1, 1)
    assert LifeCycle().last_supported is None


@given(st.lists(DAYS, min_size=4, max_size=4).map(sorted), DAYS)
def test_phases_never_go_back(days: list[date], day: date) -> None:
    cycle = LifeCycle(
        general_availability=days[0],
        end_of_sale=days[1],
        end_of_support=days[2],
        end_of_life=days[3],
    )
    order = list(LifeCyclePhase)
    assert order.index(cycle.phase(day)) <= order.index(cycle.phase(day + timedelta(days=1)))


def test_phases_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="out of order"):
        LifeCycle(end_of_support=date(2026, 1, 1), end_of_life=date(2025, 1, 1))


def test_a_version_is_found_by_its_id() -> None:
    product = Product(id="db", versions=[ProductVersion(id="1"), ProductVersion(id="2")])
    assert product.version("2") == ProductVersion(id="2")
    assert product.version("3") is None


def test_two_versions_with_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError, match="version has the id `1`"):
        Product(id="db", versions=[ProductVersion(id="1"), ProductVersion(id="1")])


def test_a_service_product_gives_access_unless_it_says_work() -> None:
    assert ServiceProduct(id="care").kind is ServiceKind.ACCESS
    assert ServiceProduct(id="repair", kind="work").kind is ServiceKind.WORK
