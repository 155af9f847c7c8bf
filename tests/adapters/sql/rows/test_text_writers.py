"""What is written at once is what the converter's data would be as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from tests.adapters.sql.rows.test_mapping import DRAWN, QUICK
from tests.documents.values import fields_of, values

from entitlements.adapters.sql.rows.converter import APART, FREQUENT, TAG, converter
from entitlements.adapters.sql.rows.mapping import from_text
from entitlements.adapters.sql.rows.text_writers import TextWriters
from entitlements.contracts.ledger.entries import Entry, LedgerCommand
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.routing.offers.lifecycle import Enqueue, ProcessTimeouts
from entitlements.routing.offers.work_state import WorkState

CONVERTER = converter()
WRITERS = TextWriters(CONVERTER, TAG, FREQUENT, APART, dict.fromkeys(FREQUENT, 2))


def text_of_data(value: object, of: Any) -> str:
    return json.dumps(CONVERTER.unstructure(value, of), separators=(",", ":"))


@pytest.mark.parametrize("kind", FREQUENT, ids=lambda kind: kind.__name__)
def test_a_frequent_class_is_written_as_its_data_is(kind: Any) -> None:
    chosen = DRAWN.get(kind)
    for field in fields_of(kind):

        @settings(QUICK)
        @given(values(kind, drawn=field) if chosen is None else chosen)
        def check(value: Any) -> None:
            assert WRITERS(kind)(value) == text_of_data(value, kind)

        check()


@settings(QUICK, max_examples=60)
@given(DRAWN[Entry])
def test_one_of_several_kinds_is_named(entry: Entry) -> None:
    written = WRITERS(LedgerCommand)(entry.command)
    assert written == text_of_data(entry.command, LedgerCommand)
    assert json.loads(written)[TAG]


def test_one_of_several_kinds_may_have_nothing_but_its_name() -> None:
    done = FrozenMap({"a": ProcessTimeouts(), "b": Enqueue("b")})
    state = WorkState(work="R-1", executed_commands=done)
    written = WRITERS(WorkState)(state)
    assert written == text_of_data(state, WorkState)
    assert from_text(written, WorkState, "row") == state
