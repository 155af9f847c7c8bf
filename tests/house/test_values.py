"""Values are final and frozen, compare, copy and pickle, and have a short representation."""

from __future__ import annotations

import ast
import copy
import importlib
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any

import attrs
import pytest
from tests.house.house import CORE, MODULES, ROOT
from tests.house.test_nonsense import PUBLIC, valid

from entitlements.access import Denied
from entitlements.calendars import Calendar, HolidaySet
from entitlements.cli.demo.traffic import generated_requests
from entitlements.contracts import Account, Contract
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Issue
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.documents import read_facts
from entitlements.engine import Engine
from entitlements.kernel import EntitlementsError, FrozenMap
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Roster, Work, fairness_report, route
from entitlements.sla import Event, History

MAX_REPR = 1_500
"""Characters of a representation: a few lines of a log."""

MUTABLE = re.compile(r"\b(list|dict|set|bytearray|deque|defaultdict|Counter|List|Dict|Set)\[")


def value_classes() -> list[type]:
    """Return the public attrs classes of the core."""
    found = {}
    for each in MODULES:
        if each.is_package and each.floor in CORE:
            package = importlib.import_module(each.name)
            for name in getattr(package, "__all__", ()):
                thing = getattr(package, name)
                if isinstance(thing, type) and attrs.has(thing):
                    found[f"{thing.__module__}.{name}"] = thing
    return [found[name] for name in sorted(found)]


def test_values_are_frozen_and_have_slots() -> None:
    loose = []
    for each in value_classes():
        properties = attrs.inspect(each)
        if not (properties.is_frozen and properties.is_slotted):
            loose.append(each.__name__)
    assert loose == []


def test_values_are_final_unless_others_of_ours_build_on_them() -> None:
    every = value_classes()
    bases = {base for each in every for base in each.__mro__[1:]}
    assert [
        each.__name__
        for each in every
        if each not in bases and not getattr(each, "__final__", False)
    ] == []


def test_values_hold_nothing_that_can_change() -> None:
    changeable = [
        f"{kind.__name__}.{field.name}: {field.type}"
        for kind in value_classes()
        for field in attrs.fields(kind)
        if field.init and MUTABLE.search(str(field.type))
    ]
    assert changeable == []


BYPASSES = {"object.__setattr__", "object.__delattr__", "object.__new__", "set_class"}
# `module.function`, each with the reason why it may go past a constructor.
PAST_A_CONSTRUCTOR = {
    "entitlements.kernel.data.copies._copier": (
        "the fields that stay were checked when the value was built, and the others before; an "
        "account as it was known earlier may hold records that the constructor would refuse"
    ),
    "entitlements.kernel.mixins.hash_slot._keep_hash": (
        "the hash is no field of the value, and computed when it is first asked for"
    ),
    "entitlements.routing.work.requirements.__init__": (
        "it is the constructor, for the same reason as that of `Work`"
    ),
    "entitlements.routing.work.work.__init__": (
        "it is the constructor: filled under a class that is not frozen, work for every arrival is "
        "built in a third of the time"
    ),
}


def test_frozen_values_are_made_by_their_constructors() -> None:
    found = [
        f"{each.name}.{function.name}"
        for each in MODULES
        for function in each.nodes
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if ast.unparse(node) in BYPASSES
    ]
    assert found == list(PAST_A_CONSTRUCTOR)


START = utc("2026-03-02T00:00Z")
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3_000)]
LARGE: dict[str, Callable[[], Any]] = {
    "3,000 holidays": lambda: HolidaySet(holidays=DAYS, name="many"),
    "a calendar of 3,000 holidays": lambda: Calendar(zone="UTC", week="24/7", holidays=DAYS),
    "64 calendars": lambda: reduce(
        or_, (Calendar(zone="UTC", week=f"Mo {n % 24}:00-24:00", name=f"{n}") for n in range(64))
    ),
    "1,000 agents": lambda: Roster(agents=[Agent(id=f"agent {n}") for n in range(1_000)]),
    "300 contracts": lambda: Account(
        customer="acme",
        contracts=[
            Contract(id=f"{n}", customer="acme", zone="UTC", start=DAYS[0], months=12)
            for n in range(300)
        ],
    ),
    "300 grants": lambda: reduce(
        lambda ledger, grant: ledger.post(Issue(key=grant.id, grant=grant), START).ledger,
        (Grant(id=f"{n}", unit="minutes", amount=1, effective=START) for n in range(300)),
        Ledger(),
    ),
    "1,000 events": lambda: History(
        [Event.customer_replied(START + timedelta(hours=n)) for n in range(1_000)]
    ),
    "1,000 items": lambda: FrozenMap({n: n for n in range(1_000)}),
}


def parts(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield a value and all that it consists of."""
    yield value
    below: Any = ()
    if attrs.has(type(value)) and depth < 12:
        below = [getattr(value, each.name) for each in attrs.fields(type(value)) if each.eq]
    elif isinstance(value, Mapping):
        below = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        below = value
    for each in below:
        if not isinstance(each, str | int | Enum):
            yield from parts(each, depth + 1)


def sample_of(kind: type) -> list[Any]:
    """Return a value of a class with valid arguments, or nothing if only the library makes it."""
    try:
        return [valid(kind)]
    except (TypeError, EntitlementsError, attrs.exceptions.NotAnAttrsClassError):
        return []


def samples() -> dict[str, Any]:
    """Return for each public value class the sample with the longest representation."""
    facts = read_facts(str(ROOT / "src/entitlements/cli/shipped/demo.yaml"))
    engine = Engine(facts)
    week = generated_requests(facts, seed=1, count=30, start=START, end=START + timedelta(days=7))
    answers = [engine.assess(each.request, each.at) for each in week]
    readings = [each for answer in answers for each in answer.milestones]
    made = [
        fairness_report(Roster(agents=[Agent(id="ada")], since=START), [], START),
        route(Work(id="R-1", opened=START), Roster(), START),
    ]
    decisions = [answer.decision for answer in answers]
    remedies = [each.remedies for each in decisions if isinstance(each, Denied)]
    found: dict[str, Any] = {}
    for each in parts(
        [facts, *answers, *readings, *remedies, *made, *(each.route for each in answers)]
    ):
        name = type(each).__name__
        if PUBLIC_CLASSES.get(name) is type(each):
            found[name] = max(found.get(name, each), each, key=lambda one: len(repr(one)))
    for name in PUBLIC_CLASSES.keys() - found.keys():
        for each in sample_of(PUBLIC_CLASSES[name]):
            found[name] = each
    return found


PUBLIC_CLASSES = {
    thing.__name__: thing
    for thing in PUBLIC.values()
    if isinstance(thing, type) and attrs.has(thing)
}
SAMPLES = samples()


def test_every_public_value_class_has_a_sample() -> None:
    assert {each.__name__ for each in value_classes()} - SAMPLES.keys() == set()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_value_compares_copies_and_pickles(name: str) -> None:
    value = SAMPLES[name]
    pickled = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes
    for again in (copy.copy(value), copy.deepcopy(value), pickled):
        assert again == value
        assert hash(again) == hash(value)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_representation_fits_a_few_lines(name: str) -> None:
    assert len(repr(SAMPLES[name])) <= MAX_REPR


@pytest.mark.parametrize("size", LARGE)
def test_a_representation_fits_a_few_lines_whatever_the_size(size: str) -> None:
    assert len(repr(LARGE[size]())) <= MAX_REPR
