from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from entitlements.adapters.sql.rows import trail_rows
from entitlements.ports import DecisionRecord, Message
from entitlements.ports.records import ExecutedCommand
from entitlements.testing.strategies.ports import instants, names


@given(names(), instants(), st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_messages_decisions_and_commands_are_read_back_from_their_rows(
    name: str, at: datetime, body: str
) -> None:
    link = DecisionRecord(
        number=1, at=at, kind="k", subject=name, body=body, previous="p", digest="d"
    )
    assert trail_rows.decision_from_row(trail_rows.decision_to_row(link)) == link
    done = ExecutedCommand(id=name, digest="d", at=at, answer=body)
    assert trail_rows.command_of(**trail_rows.command_to_row(done)) == done
    row = {**trail_rows.message_to_row("topic", body, at, name), "number": 5}
    message = Message(number=5, topic="topic", at=at, body=body, case=name)
    assert trail_rows.message_from_row(row) == message
