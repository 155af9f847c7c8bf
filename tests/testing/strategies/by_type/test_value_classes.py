"""Every public value class can be drawn by its type, and shrinks to what a person would write."""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from math import isfinite
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from tests.house.test_public_names import PACKAGES

from entitlements.access import Denied
from entitlements.calendars import Calendar, Closure, Week
from entitlements.contracts import Contract, NamedContact
from entitlements.engine import Assessment
from entitlements.kernel import EntitlementsError, InvalidValueError, Money, Request, Span
from entitlements.outcomes.figures.shares import Interval
from entitlements.routing import Agent, RateLimit
from entitlements.testing.strategies.by_type import values
from entitlements.testing.strategies.by_type.value_classes import of_type


def anything(_: object) -> bool:
    return True


DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
LEFT_OUT = ("entitlements.adapters", "entitlements.cli")


def value_classes() -> list[type]:
    found: dict[str, type] = {}
    for name in PACKAGES:
        package = importlib.import_module(name)
        for export in package.__all__:
            thing = getattr(package, export)
            value = inspect.isclass(thing) and not issubclass(thing, Exception | Enum)
            if value and attrs.has(thing) and not name.startswith(LEFT_OUT):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return [found[name] for name in sorted(found)]


def drawn(strategy: st.SearchStrategy[Any], count: int = 100 if DEEP else 1) -> list[Any]:
    """Return examples, without shrinking; too many rejected draws are an error."""
    seen: list[Any] = []
    relaxed = settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=set(HealthCheck) - {HealthCheck.filter_too_much},
    )
    relaxed(given(strategy)(lambda each: seen.append(each)))()  # noqa: PLW0108 - a function
    return seen


MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "fails", "smallest"),
    [
        (NamedContact, anything, NamedContact(contact="a")),
        (NamedContact, lambda each: each.roles, NamedContact(contact="a", roles=["a"])),
        (Span, anything, Span(MIDNIGHT, MIDNIGHT + timedelta(minutes=1))),
        (
            Closure,
            lambda each: each.name,
            Closure(MIDNIGHT, MIDNIGHT + timedelta(minutes=1), name="a"),
        ),
        (Calendar, anything, Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")),
        (
            Calendar,
            lambda each: each.zone == "Africa/Cairo",
            Calendar(zone="Africa/Cairo", week="Mo-Fr 09:00-17:00"),
        ),
        (Week, anything, Week("Mo-Fr 09:00-17:00")),
        (Money, lambda each: each.amount > 1, Money("1.01", "EUR")),
        (
            Request,
            lambda each: each.severity == "low",
            Request(
                id="a", customer="acme", contact="dana", product="db", severity="low",
                channel="phone",
            ),
        ),
        (RateLimit, anything, RateLimit(1)),
        (
            Contract,
            lambda each: each.any_contact,
            Contract(
                id="a", customer="a", zone="UTC", start=date(2026, 1, 1), any_contact=True
            ),
        ),
    ],
)  # fmt: skip
def test_a_failure_shrinks_to_what_a_person_would_write(
    kind: type, fails: Callable[[Any], bool], smallest: object
) -> None:
    once = settings(database=None, max_examples=200)
    assert find(of_type(kind), lambda each: bool(fails(each)), settings=once) == smallest


def test_options_that_exclude_one_another_are_left_out_and_not_rejected() -> None:
    @attrs.frozen
    class Strict:  # of two options it takes none
        first: int | None = None
        second: int | None = attrs.field(default=None)

        @second.validator
        def _alone(self, _: object, second: int | None) -> None:
            begun.append((self.first, second))
            if self.first is not None or second is not None:
                raise InvalidValueError("both are refused")

    begun: list[tuple[int | None, int | None]] = []
    made = drawn(values(Strict), 100)
    assert made == [Strict()] * len(made)
    # Each refused value was built again with less, until it was accepted.
    assert begun.count((None, None)) >= 2
    refused = [number for number, each in enumerate(begun) if each != (None, None)]
    assert refused
    assert all(begun[number + 1].count(None) >= begun[number].count(None) for number in refused)


def test_fields_can_be_held_fixed() -> None:
    agent = find(values(Agent, id="ada", capacity=st.sampled_from([2, 3])), anything)
    assert (agent.id, agent.capacity) == ("ada", {"work": 2})


@settings(max_examples=20, deadline=None, database=None)
@given(of_type(Assessment), of_type(Denied))
def test_answers_are_made_by_the_engine_itself(answer: Assessment, denial: Denied) -> None:
    assert answer.explain()
    assert denial.reasons


def test_the_numbers_of_a_named_tuple_are_finite() -> None:
    found = drawn(of_type(Interval), 50)
    assert found
    assert all(isfinite(number) for each in found for number in each)


def test_what_can_never_be_built_is_rejected_and_not_raised() -> None:
    def refuses() -> None:
        raise EntitlementsError("no")

    @attrs.frozen
    class Refusing:
        id: str = attrs.field(validator=lambda *_: refuses())

    with pytest.raises(Exception, match=r"Unable to satisfy|No examples found|NoSuchExample"):
        find(values(Refusing), anything, settings=settings(database=None))
