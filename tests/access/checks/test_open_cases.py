"""Cases are open until they are closed, whenever they were opened."""

from datetime import timedelta

from tests.access.small import MONDAY

from entitlements.access.checks.open_cases import is_closed
from entitlements.contracts import OpenCase
from entitlements.kernel.instants import to_micros

HOUR = timedelta(hours=1)
OPEN = OpenCase(id="A", contract="C", line="1", opened=MONDAY + HOUR)
CLOSED = OpenCase(id="B", contract="C", line="1", opened=MONDAY, closed=MONDAY + HOUR)


def test_a_case_is_closed_from_its_close_on() -> None:
    end = to_micros(MONDAY + HOUR)
    assert [is_closed(CLOSED, at) for at in (end - 1, end)] == [False, True]
    assert not is_closed(OPEN, to_micros(MONDAY))
