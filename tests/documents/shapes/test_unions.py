from __future__ import annotations

import pytest
from tests.documents.examples import read

from entitlements.contracts.records.changes import Cancellation, Renewal, RenewalKind
from entitlements.documents.sections.accounts import CHANGE
from entitlements.documents.shapes.scalars import WriteContext


def test_the_key_kind_selects_the_class() -> None:
    text = "{kind: renewal, id: r, contract: c, joins: fresh, start: 2026-01-01}"
    value = read(CHANGE, text)
    assert isinstance(value, Renewal)
    assert value.kind is RenewalKind.FRESH
    assert CHANGE.write(value, WriteContext()) == {
        "kind": "renewal", "id": "r", "contract": "c", "joins": "fresh", "start": "2026-01-01",
    }  # fmt: skip
    ended = read(CHANGE, "{kind: cancellation, id: x, contract: c, effective: 2026-01-01T00:00Z}")
    assert isinstance(ended, Cancellation)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{id: r}", "`kind` is missing in this change"),
        (
            "{kind: renewl}",
            "`renewl` is not one of renewal, notice, amendment, cancellation, transfer, block",
        ),
        ("{kind: [renewal]}", "a list is not one of renewal"),
        ("renewal", "`renewal` is not a change"),
    ],
)
def test_an_unknown_kind_is_a_problem_with_the_known_ones(text: str, expected: str) -> None:
    assert read(CHANGE, text)[0].startswith(expected)
