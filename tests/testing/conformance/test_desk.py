"""A desk answers the corpus too: requests are admitted, events recorded, work is offered."""

from __future__ import annotations

from typing import Any

import attrs
from tests.effort import tries

from entitlements.adapters.memory import MemoryStore
from entitlements.loading import apply
from entitlements.loading.rosters import without_work
from entitlements.service import Desk
from entitlements.testing.conformance import ask_desk, check_conformance, read_corpus
from entitlements.testing.conformance.answers import Question, answer_each, facts_in


def by_desk(questions: Any) -> Any:
    """Answer each question by a desk over a store of its own."""
    facts = facts_in(questions)
    idle = attrs.evolve(facts, roster=without_work(facts.roster))

    def answer(question: Question) -> Any:
        store = MemoryStore()
        apply(store, idle, tenant="t")
        return ask_desk(Desk(store, "t"), question, roster=facts.roster)

    return {"answers": answer_each(questions, answer)}


def test_a_desk_answers_as_the_engine_does() -> None:
    groups = read_corpus()
    loaded = [each for each in groups if each.name.endswith("of agents with work")]
    assert len(loaded) == 3
    some = [*loaded[: tries(1)], *groups[:: max(1, len(groups) // tries(20, deep=1_000))]]
    results = check_conformance(by_desk, some)
    assert [each.explain() for each in results if not each.holds or each.skipped] == []
