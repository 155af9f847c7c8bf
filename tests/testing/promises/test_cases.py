"""An expected answer states nothing that such an answer does not have."""

from __future__ import annotations

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.testing.promises import ExpectedAnswer


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"decision": "granted", "reasons": ["no_contract"]}, "granted has no reasons"),
        ({"decision": "granted", "opens_at": "2026-03-02T09:00Z"}, "opens at no instant"),
        ({"decision": "denied", "group": "dba"}, "a denial has no `group`"),
        ({"decision": "denied", "due": {"resolution": "none"}}, "a denial has no `due`"),
    ],
)
def test_what_cannot_be_in_the_answer_is_refused(words: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        ExpectedAnswer(**words)  # type: ignore[arg-type] - as a document gives it


def test_nothing_due_is_none() -> None:
    assert ExpectedAnswer(due={"resolution": "none"}).due["resolution"] is None
