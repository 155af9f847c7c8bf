from datetime import timedelta

from tests.service.desks import MINUTE, MONDAY

from entitlements.kernel.errors import UnknownIdError
from entitlements.service.failures import MAX_ASIDE, MAX_MESSAGE, Failures, ItemKind

ERROR = UnknownIdError("case", "R-1")
SECOND = timedelta(seconds=1)


def test_a_failed_item_is_skipped_until_its_next_attempt_and_others_are_not() -> None:
    failures = Failures()
    failure = failures.note(ItemKind.CASE, "R-1", ERROR, MONDAY)
    assert (failure.reason, failure.tries) == ("unknown_id", 1)
    assert failures.aside(ItemKind.CASE, failure.again - SECOND) == {"R-1"}
    assert failures.aside(ItemKind.CASE, failure.again) == frozenset()
    assert failures.aside(ItemKind.WORK, MONDAY) == frozenset()
    failures.clear(ItemKind.CASE, "R-1")
    assert len(failures) == 0


def test_the_wait_doubles_with_each_failure_in_succession_up_to_an_hour() -> None:
    failures, at, waits = Failures(), MONDAY, []
    for _ in range(9):
        failure = failures.note(ItemKind.GROUP, "db", ERROR, at)
        waits.append((failure.again - at) // MINUTE)
        at = failure.again
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    failures.clear(ItemKind.GROUP, "db")
    assert failures.note(ItemKind.GROUP, "db", ERROR, at).again == at + MINUTE


def test_the_number_of_remembered_failures_is_bounded() -> None:
    failures = Failures()
    for number in range(MAX_ASIDE + 1):
        failures.note(ItemKind.WORK, f"R-{number}", ERROR, MONDAY)
    assert len(failures) == MAX_ASIDE
    assert "R-0" not in failures.aside(ItemKind.WORK, MONDAY)
    long = failures.note(ItemKind.CASE, "R-1", UnknownIdError("case", "x" * 9_000), MONDAY)
    assert len(long.message) <= MAX_MESSAGE
