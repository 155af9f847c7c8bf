from __future__ import annotations

import attrs
import pytest
from sqlalchemy import event
from tests.databases import emptied

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.routing.agents import Agent
from entitlements.routing.roster import Roster
from entitlements.testing.strategies.ports import START, placement

NASTY = ("plain", "it's", 'a "quote"', "back\\slash", "{1,2}", "NULL", "\u00fc \u4e2d \U0001f600")
MANY = [placement(f"{n} {name}") for n, name in enumerate(NASTY)]


def asked(store: SqlStore) -> list[str]:
    words: list[str] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(_: object, __: object, text: str, *___: object) -> None:
        words.append(text)

    return words


def test_a_batch_is_one_statement_whatever_its_length_and_its_words(
    postgres_store: SqlStore,
) -> None:
    store = emptied(postgres_store)
    people = Roster(agents=[Agent(id=name, groups="db") for name in NASTY])
    with store.begin("t") as work:
        work.roster.change(Roster(), people)
        for each in MANY:
            work.offers.add(each)
        work.commit()
    words = asked(store)
    away = attrs.evolve(
        people, standings={id: attrs.evolve(people.standing(id), away=True) for id in NASTY}
    )
    with store.begin("t") as work:
        work.offers.change_all([(each, attrs.evolve(each, wake=START)) for each in MANY])
        work.roster.change(people, away)
        work.outbox.put_all([(name, name) for name in NASTY], START)
        work.commit()
    written = [each for each in words if "NOTIFY" not in each]
    assert len(written) == 3
    with store.begin("t") as work:
        assert {work.offers.placement(each.id).wake for each in MANY} == {START}
        assert work.roster.roster() == away
        assert [(each.topic, each.body) for each in work.outbox.pending()] == [
            (name, name) for name in NASTY
        ]


def test_a_batch_in_which_one_has_changed_changes_none(postgres_store: SqlStore) -> None:
    store = emptied(postgres_store)
    with store.begin("t") as work:
        for each in MANY:
            work.offers.add(each)
        work.commit()
    late = attrs.evolve(MANY[3], wake=START)
    changes = [(each, attrs.evolve(each, group="new")) for each in [*MANY[:3], late, *MANY[4:]]]
    with store.begin("t") as work, pytest.raises(ConflictError, match="`3 "):
        work.offers.change_all(changes)
    with store.begin("t") as work:
        assert {work.offers.placement(each.id).group for each in MANY} == {"db"}


def test_a_topic_that_is_too_long_is_refused_and_not_cut(postgres_store: SqlStore) -> None:
    store = emptied(postgres_store)
    with store.begin("t") as work, pytest.raises(InvalidValueError, match="200 characters"):
        work.outbox.put_all([("short", "1"), ("x" * 201, "2")], START)
