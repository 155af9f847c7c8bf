"""No answer that can be yes or no has a truth value."""

from __future__ import annotations

import importlib
from itertools import chain
from types import UnionType
from typing import Any, get_args

import attrs
import pytest
from tests.house.house import IN_A_PROJECT, MODULES
from tests.house.test_values import value_classes

from entitlements.access import Candidate, CheckResult, Denied
from entitlements.aftersales import SurveyWithheld
from entitlements.contracts import PostRefused
from entitlements.engine import Assessment, PromiseVerdict
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.routing import ConsideredAgent, Unroutable, Waiting
from entitlements.service import ChainBroken, ReplayResult, Reply
from entitlements.sla import Reading

VERDICTS = (
    Assessment, Candidate, ChainBroken, CheckResult, ConsideredAgent, Denied, PostRefused,
    PromiseVerdict, Reading, ReplayResult, Reply, SurveyWithheld, Unroutable, Waiting,
)  # fmt: skip

OUTCOMES = {"ChainVerification", "Decision", "PostResult", "Route", "State"}
"""Unions of what the library answers; all others are of what a caller says."""


def unions() -> dict[str, tuple[type, ...]]:
    """Return the named unions of value classes, as far as they are outcomes."""
    found: dict[str, tuple[type, ...]] = {}
    for module in MODULES:
        if module.name in IN_A_PROJECT:
            continue
        if "testing" in module.name or "migrations" in module.name or "__main__" in module.name:
            continue
        thing: Any
        for name, thing in vars(importlib.import_module(module.name)).items():
            members = get_args(thing) if isinstance(thing, UnionType) else ()
            if len(members) > 1 and all(isinstance(m, type) and attrs.has(m) for m in members):
                found[name] = members
    return found


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_value_that_carries_a_yes_or_no_refuses_to_be_a_condition(verdict: type) -> None:
    assert issubclass(verdict, NoTruthValue)
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(object.__new__(verdict))


def test_every_union_of_outcomes_is_made_of_answers() -> None:
    outcomes = {name: each for name, each in unions().items() if name in OUTCOMES}
    assert outcomes.keys() == OUTCOMES
    truthy = [
        each.__name__ for each in chain(*outcomes.values()) if not issubclass(each, NoTruthValue)
    ]
    assert truthy == []


def test_every_public_value_has_a_truth_that_means_something_or_none() -> None:
    odd = [
        each.__name__
        for each in value_classes()
        if any("__bool__" in base.__dict__ for base in each.__mro__)
        != issubclass(each, NoTruthValue)
    ]
    assert odd == []
