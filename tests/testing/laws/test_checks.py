"""A store or a policy that breaks a law is told so in words, with the simplest example."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.memory.store import MemoryUnit
from entitlements.calendars import Calendar
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla import ClockOptions, SlaPolicy, Target
from entitlements.testing.laws import check_policy, check_repository

HOUR = timedelta(hours=1)
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")


class WithoutOptions(MemoryStore):  # type: ignore[misc] # a faulty store
    """Forgets the options of the policies that it saves."""

    @contextmanager
    def begin(self, tenant: str) -> Iterator[MemoryUnit]:
        with super().begin(tenant) as work:
            save = work.catalog.save

            def forgetful(catalog: Any, policies: Any, at: Any, **words: Any) -> int:
                plain = [attrs.evolve(each, options=ClockOptions()) for each in policies]
                return save(catalog, plain, at, **words)

            work.catalog.save = forgetful  # type: ignore[method-assign] # a faulty store
            yield work


def test_a_store_that_forgets_is_found_with_the_simplest_value() -> None:
    with pytest.raises(AssertionError) as caught:
        check_repository(WithoutOptions)
    first, *rest = str(caught.value).splitlines()
    assert first == "the store breaks the law `policies travel`"
    text = "\n".join(each.strip() for each in rest)
    assert "policy=SlaPolicy(\nid='gold',\ntargets=(" in text
    assert "options=ClockOptions(" in text


def test_a_store_that_raises_another_error_breaks_a_law() -> None:
    with pytest.raises(AssertionError, match="InvalidValueError: `None` is not a clock"):
        check_repository(lambda: MemoryStore(clock=None))  # type: ignore[arg-type] # no clock


def policy(**words: Any) -> SlaPolicy:
    """Return a policy for severities and channels that no strategy knows."""
    return SlaPolicy(
        id="own",
        targets=[
            Target(milestone="first_response", within=HOUR, severities=["p1"], calendar="desk"),
            Target(
                milestone="first_response", within=4 * HOUR, severities=["p2"], channels=["fax"]
            ),
            Target(milestone="resolution", within=8 * HOUR, severities=["p2"], calendar="desk"),
        ],
        calendars={"desk": DESK},
        **words,
    )


def test_a_policy_with_its_own_words_holds_all_laws() -> None:
    check_policy(policy(), examples=20)


def test_hours_that_are_added_wrongly_are_found_with_the_simplest_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add = Calendar.add

    def late(self: Calendar, at: datetime, amount: timedelta, **words: Any) -> datetime:
        return add(self, at, amount, **words) + timedelta(minutes=1)

    monkeypatch.setattr(Calendar, "add", late)
    with pytest.raises(AssertionError) as caught:
        check_policy(policy())
    assert str(caught.value).splitlines() == [
        "policy `own` breaks the law `a deadline is the target and the paused open time`",
        "  A deadline is the target, plus the open time of the pauses before it, by the calendar.",
        "  2026-03-26T06:00:00Z opened, severity p1, channel fax",
        "  2026-03-26T06:00:00Z the law is asked",
        "  it fails at `require(reading.due == expected)`",
    ]


def test_hours_that_are_never_open_are_refused() -> None:
    closed = attrs.evolve(policy(), calendars={"desk": Calendar.never()})
    with pytest.raises(InvalidValueError, match="`desk`, which is never open"):
        check_policy(closed)
