"""The shipped corpus is what the oracles and the sources say, and leaves nothing out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

import pytest
from tests.effort import tries
from tests.testing.conformance.build import SHIPPED, build, written
from tests.testing.conformance.clock_options import PAUSED_BY, variants
from tests.testing.conformance.expected import expected_answer
from tests.testing.conformance.strategies import BY_LOAD

from entitlements.access import ChargeKind, Reason
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.routing import STRATEGIES
from entitlements.sla import CLOCK_PRESETS, Event
from entitlements.testing.conformance import QuestionGroup, read_corpus
from entitlements.testing.conformance.answers import facts_in
from entitlements.testing.conformance.corpus import groups_in
from entitlements.testing.promises import Outcome

GROUPS = read_corpus()
BY_ORACLES = [
    each
    for each in GROUPS
    if each.source.startswith("oracles: ") and not each.name.startswith("strategy")
]


def named(group: QuestionGroup, key: str) -> Iterator[str]:
    """Yield what the group expects of a key."""
    for case in group.cases:
        found = case["expect"].get(key, [])
        yield from found if isinstance(found, list) else [found]


def expected(key: str) -> set[str]:
    return set(chain.from_iterable(named(each, key) for each in GROUPS))


def test_every_reason_outcome_and_kind_of_charge_is_expected_somewhere() -> None:
    # A closed window alone defers; it denies beside another reason.
    assert expected("reasons") == set(Reason)
    assert expected("decision") == set(Outcome)
    assert expected("charge") == set(ChargeKind)


def test_every_value_of_a_clock_option_and_every_preset_is_asked() -> None:
    asked: dict[str, list[object]] = {}
    presets = set()
    for group in GROUPS:
        for policy in group.document.get("policies", ()):
            clock = policy.get("clock", {})
            presets |= {clock} if isinstance(clock, str) else set()
            for name, value in clock.items() if isinstance(clock, dict) else ():
                asked.setdefault(name, []).append(value)
    assert presets == set(CLOCK_PRESETS)
    for name, values in variants().items():
        for each in values:
            assert each[name] in asked[name], (name, each)
    assert len(PAUSED_BY) == len({str(each) for each in PAUSED_BY})


def test_every_strategy_is_asked() -> None:
    asked = set()
    for group in GROUPS:
        for part in group.document.get("routing", {}).get("strategy", ()):
            asked.add(part if isinstance(part, str) else part["kind"])
    kinds = {"power_of_d", "least_opportunity_cost", "affine_score"}
    assert asked == set(STRATEGIES) | kinds
    assert set(BY_LOAD) <= asked


@pytest.mark.parametrize(
    "group", BY_ORACLES[:: max(1, len(BY_ORACLES) // tries(16, deep=1_000))], ids=lambda g: g.name
)
def test_expected_answers_are_those_of_the_oracles(group: QuestionGroup) -> None:
    facts = facts_in(group.questions)
    for case in group.cases:
        events = [Event(**each) for each in case.get("events", ())]
        asked = Request(**case["request"])
        assert expected_answer(facts, asked, utc(case["at"]), events) == case["expect"]


def test_the_file_is_what_is_built_from_oracles_and_sources() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    shipped = [each.name for each in groups_in(json.loads(text))]
    assert len(shipped) == len(GROUPS)
    if tries(1, deep=9) == 9:
        assert written(build()) == text


def test_names_of_cases_are_unique_in_their_group() -> None:
    for group in GROUPS:
        names = [each["name"] for each in group.cases]
        assert len(set(names)) == len(names) or group.name == "published plans", group.name
