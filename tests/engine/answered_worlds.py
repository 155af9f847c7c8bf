"""Answers of generated worlds, each written as data, checked by its schema, and read back.

python -m tests.engine.answered_worlds 10000 1
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from random import Random
from time import process_time
from typing import Any, Final

import attrs
from jsonschema import Draft202012Validator

from entitlements.calendars import BusinessDays, BusinessHours
from entitlements.contracts import Ledger
from entitlements.engine import Assessment, Engine, Facts
from entitlements.engine.assessment_data import ANSWER_DATA
from entitlements.engine.explanation.explanation import EXPLANATION_DATA, Audience, Explanation
from entitlements.kernel import FrozenMap, Request
from entitlements.kernel.errors import LimitExceededError, NeverReachedError, NotCoveredError
from entitlements.kernel.instants import from_micros
from entitlements.routing import Agent, Roster
from entitlements.sla import SlaPolicy, Target
from entitlements.testing.strategies.worlds.access import World, world
from entitlements.testing.strategies.worlds.dice import Dice

EXPLANATION_SCHEMA: Final = Draft202012Validator(EXPLANATION_DATA.schema())
ANSWER_SCHEMA: Final = Draft202012Validator(ANSWER_DATA.schema())
MILESTONES: Final = frozenset({"first_response", "resolution", "update"})
UNMARKED: Final = frozenset({"zone", "anchor"})
REFUSED: Final = (LimitExceededError, NeverReachedError, NotCoveredError)
QUESTIONS: Final = 4


def answers(seed: int, questions: int = QUESTIONS) -> Iterator[Assessment]:
    """Yield the answers in the world of a seed, with milestones and agents."""
    random = Random(seed)  # noqa: S311 - a seed has to replay it
    drawn = world(random, questions)
    engine = Engine(facts_of(Dice(random), drawn))
    for asked, at in drawn.questions:
        try:
            yield engine.assess(asked, from_micros(at), account=drawn.account)
        except REFUSED:
            continue


def marked_answers(random: Random, questions: int) -> Iterator[tuple[Assessment, Request]]:
    """Yield answers in a world in which every id and name is between marks, with the requests."""
    drawn = world(random, questions)
    known = facts_of(Dice(random), drawn)
    engine = Engine(
        attrs.evolve(
            known,
            catalog=marked(known.catalog),
            policies={mark(id): marked(each) for id, each in known.policies.items()},
            roster=Roster(agents=[marked(each) for each in known.roster.agents.values()]),
        )
    )
    account = marked(attrs.evolve(drawn.account, ledger=Ledger()))
    for asked, at in drawn.questions:
        try:
            yield engine.assess(marked(asked), from_micros(at), account=account), marked(asked)
        except REFUSED:
            continue


def mark(text: str) -> str:
    """Return a text between marks."""
    return f"«{text}»"


def marked(value: Any) -> Any:
    """Return a value with marks around every text in it, but for milestones and time zones."""
    if isinstance(value, BusinessHours | Enum | Ledger):
        return value
    if isinstance(value, str):
        return value if value in MILESTONES else mark(value)
    if isinstance(value, FrozenMap):
        return FrozenMap({marked(key): marked(each) for key, each in value.items()})
    if isinstance(value, tuple | frozenset):
        return type(value)(marked(each) for each in value)
    if not attrs.has(type(value)):
        return value
    fields = [each for each in attrs.fields(type(value)) if each.init]
    inside = {each.alias or each.name: getattr(value, each.name) for each in fields}
    return type(value)(
        **{name: each if name in UNMARKED else marked(each) for name, each in inside.items()}
    )


def facts_of(dice: Dice, drawn: World) -> Facts:
    """Return the catalog of a world with policies and agents."""
    hours = drawn.catalog.calendars
    policies = [
        SlaPolicy(id=name, calendars=hours, targets=_targets(dice, [*hours]))
        for name in sorted({plan.policy for plan in drawn.catalog.plans})
    ]
    groups = [each.id for each in drawn.catalog.groups]
    agents = [
        Agent(
            id=f"agent {number}",
            groups=dice.some(groups, 60),
            skills=dict.fromkeys(dice.some(["sql", "linux"], 50), dice.number(1, 3)),
            shift=_shift(dice, [hours[name] for name in ("desk", "night")]),
            capacity=dice.number(0, 2),
        )
        for number in range(dice.number(0, 4))
    ]
    return Facts(catalog=drawn.catalog, policies=policies, roster=Roster(agents=agents))


def _shift(dice: Dice, hours: list[BusinessHours]) -> BusinessHours | None:
    return dice.maybe(70, hours)


def _targets(dice: Dice, calendars: list[str]) -> list[Target]:
    open_ones = [name for name in calendars if name != "never"]
    late = [timedelta(hours=dice.number(1, 40)), BusinessDays(dice.number(0, 3), anchor="end")]  # type: ignore[arg-type]
    return [
        Target(
            milestone="first_response",
            within=timedelta(microseconds=dice.number(1, 10**11)),
            calendar=dice.maybe(50, open_ones),
            exclusive=dice.often(20),
            warn=[0.5] if dice.often(50) else [],
        ),
        Target(
            milestone="resolution",
            within=dice.one(late),
            calendar=dice.one(open_ones),
            commitment="objective" if dice.often(30) else "guarantee",
        ),
        Target(milestone="update", within=None, commitment=dice.one(["best_effort", "guarantee"])),
    ]


def check(answer: Assessment) -> None:
    """Check that the data of an answer fits its schema and gives an equal answer."""
    text = json.dumps(answer.to_dict())
    data = json.loads(text)
    ANSWER_SCHEMA.validate(data)
    again = Assessment.from_dict(data)
    assert again == answer
    assert json.dumps(again.to_dict()) == text
    assert again.explain() == answer.explain()
    for reader in Audience:
        found = answer.explanation(audience=reader, zone="Europe/Berlin")
        plain = json.loads(json.dumps(found.to_dict()))
        EXPLANATION_SCHEMA.validate(plain)
        assert Explanation.from_dict(plain) == found


def main(worlds: int, first: int) -> None:
    """Check so many worlds and print what was reached."""
    began = process_time()
    seen: Counter[str] = Counter()
    for seed in range(first, first + worlds):
        for answer in answers(seed, 1):
            try:
                check(answer)
            except Exception as error:
                raise AssertionError(f"seed {seed}") from error
            seen[type(answer.decision).__name__] += 1
            seen[type(answer.route).__name__] += 1
            remedies = getattr(answer.decision, "remedies", ())
            seen.update(f"remedy {each.kind}" for each in remedies)
    sys.stdout.write(f"{worlds} worlds in {process_time() - began:.0f} s of processor time\n")
    for name, count in sorted(seen.items()):
        sys.stdout.write(f"{count:9} {name}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
