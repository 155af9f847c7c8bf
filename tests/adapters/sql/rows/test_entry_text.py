from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.values import of_type

from entitlements.adapters.sql.rows.entry_text import entry_text
from entitlements.adapters.sql.rows.mapping import entry_from_row, entry_to_row, to_text
from entitlements.contracts.ledger.entries import (
    Entry,
    GrantShare,
    LedgerCommand,
    RefusalReason,
    Reserve,
    Void,
)
from entitlements.kernel.instants import to_micros

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def written(entry: Entry) -> str:
    return entry_text(
        entry,
        to_micros(entry.at),
        to_micros(entry.recorded),
        lambda each: to_text(each, LedgerCommand),
    )


@pytest.mark.parametrize("kind", get_args(LedgerCommand), ids=lambda kind: kind.__name__)
@given(st.data())
def test_it_is_the_text_of_the_converter(kind: Any, data: st.DataObject) -> None:
    entry = Entry(
        number=data.draw(st.integers(1, 2**62)),
        command=data.draw(of_type(kind)),
        at=data.draw(of_type(datetime)),
        recorded=data.draw(of_type(datetime)),
        shares=data.draw(of_type(tuple[GrantShare, ...])),
        until=data.draw(of_type(datetime | None)),
        refusal=data.draw(of_type(RefusalReason | None)),
    )
    assert written(entry) == to_text(entry, Entry)
    assert entry_from_row(entry_to_row(entry)) == entry


def test_a_text_is_what_it_was() -> None:
    command = Reserve(
        key='r "1"', unit="minutes", amount=15, lasts=timedelta(hours=1), pools=["ü"], consent=True
    )
    entry = Entry(
        number=7,
        command=command,
        at=NOON,
        recorded=NOON,
        shares=[GrantShare("g", 15, 2)],
        until=NOON,
    )
    noon = 1_772_452_800_000_000
    assert json.loads(written(entry)) == {
        "number": 7,
        "command": {
            "kind_of": "reserve", "key": 'r "1"', "unit": "minutes", "amount": 15,
            "lasts": 3_600_000_000, "pools": ["ü"], "consent": True,
        },
        "at": noon, "recorded": noon, "until": noon, "refusal": None,
        "shares": [{"grant": "g", "amount": 15, "overage": 2}],
    }  # fmt: skip


def test_what_is_not_written_here_is_written_by_another() -> None:
    entry = Entry(number=1, command=Void(key="v", hold="h"), at=NOON, recorded=NOON)
    at = to_micros(NOON)
    assert json.loads(entry_text(entry, at, at, lambda _: "0"))["command"]["hold"] == "h"
    rare = object.__new__(type("Rare", (), {}))
    other: Any = Entry(number=1, command=rare, at=NOON, recorded=NOON)  # type: ignore[arg-type]
    assert json.loads(entry_text(other, at, at, lambda _: "0"))["command"] == 0
