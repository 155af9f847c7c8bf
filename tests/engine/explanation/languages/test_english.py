"""English is complete: every sentence that is said is there, and none that is never said."""

from __future__ import annotations

import ast
from enum import StrEnum
from pathlib import Path

from entitlements.access.explanation import AdvisoryKind
from entitlements.access.promise import ChargeKind
from entitlements.access.reasons import Reason
from entitlements.access.remedies.remedy import RemedyKind
from entitlements.contracts import Unit
from entitlements.engine.explanation import for_agents
from entitlements.engine.explanation.languages.english import ENGLISH
from entitlements.routing import ObstacleKind
from entitlements.sla import Milestone

NUMBERED = {"words.weekday": range(1, 8), "words.month": range(1, 13)}
FAMILIES: dict[str, type[StrEnum]] = {
    "agent.reason": Reason,
    "customer.reason": Reason,
    "agent.obstacle": ObstacleKind,
    "agent.advisory": AdvisoryKind,
    "customer.advisory": AdvisoryKind,
    "customer.way_out": RemedyKind,
    "customer.charge": ChargeKind,
    "words.milestone": Milestone,
}
COUNTED = {"words.hours", "words.minutes", "words.seconds", "words.business_days"} | {
    f"words.{unit.value}" for unit in Unit
}


def said() -> tuple[set[str], set[str]]:
    """Return the keys in the source of the explanations, and the beginnings of those it makes."""
    whole, begun = set[str](), set[str]()
    for path in Path(for_agents.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        made = [each for each in ast.walk(tree) if isinstance(each, ast.JoinedStr)]
        parts = {id(part) for each in made for part in each.values}
        texts = [each for each in ast.walk(tree) if isinstance(each, ast.Constant)]
        for each in texts:
            text = each.value if isinstance(each.value, str) else ""
            if text.split(".")[0] in {"agent", "auditor", "customer", "words"} and "." in text:
                (begun if id(each) in parts else whole).add(text)
    return whole, begun


def expected() -> set[str]:
    """Return every key that an explanation can ask for."""
    whole, _ = said()
    named = whole - COUNTED
    named |= {f"{name}.{each.value}" for name, kind in FAMILIES.items() for each in kind}
    named |= {f"{name}.{number}" for name, numbers in NUMBERED.items() for number in numbers}
    return named | {f"{name}.{form}" for name in COUNTED for form in ("one", "other")}


def test_every_sentence_that_is_said_is_there_and_no_other() -> None:
    keys = set(ENGLISH.sentences)
    assert expected() - keys == set(), "missing"
    assert keys - expected() == set(), "unused"


def test_every_key_that_is_made_belongs_to_a_known_family() -> None:
    _, begun = said()
    assert {each.rstrip(".") for each in begun} == FAMILIES.keys() | NUMBERED.keys() | {"words"}
