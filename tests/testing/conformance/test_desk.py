"""A desk answers the corpus too: requests are admitted, events recorded, work is offered."""

from __future__ import annotations

from typing import Any

from tests.effort import tries

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import ConflictError
from entitlements.loading import apply
from entitlements.service import Desk
from entitlements.testing.conformance import ask_desk, check_conformance, read_corpus
from entitlements.testing.conformance.answers import Question, answer_each, facts_in


def by_desk(questions: Any) -> Any:
    """Answer each question by a desk over a store of its own."""
    facts = facts_in(questions)

    def answer(question: Question) -> Any:
        store = MemoryStore()
        try:
            apply(store, facts, tenant="t")
        except ConflictError as error:
            return {"unsupported": str(error)}
        return ask_desk(Desk(store, "t"), question)

    return {"answers": answer_each(questions, answer)}


def test_a_desk_answers_as_the_engine_does() -> None:
    groups = read_corpus()
    some = groups[:: max(1, len(groups) // tries(40, deep=1_000))]
    results = check_conformance(by_desk, some)
    assert [each.explain() for each in results if not each.holds] == []
    # A desk assigns the work of its agents itself.
    skipped = {each.suite for each in results if each.skipped}
    assert all(each.endswith("of agents with work") for each in skipped)
