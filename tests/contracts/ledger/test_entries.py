"""Commands refuse invalid values; entries record what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    EntryKind,
    GiveBack,
    GrantShare,
    Issue,
    LedgerCommand,
    Reserve,
    TransferUnits,
    Void,
    check_same_command,
)
from entitlements.kernel.errors import ConflictError, InvalidValueError, LimitExceededError
from entitlements.kernel.ids import key_parts
from entitlements.kernel.instants import utc

GRANT = Grant(id="g", unit="minutes", amount=5, effective="2026-01-01T00:00Z")


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        pytest.param(
            lambda: Reserve(key="k", unit="minuts", amount=1), InvalidValueError, "did you mean"
        ),
        pytest.param(
            lambda: Reserve(key="k", unit="minutes", amount=0),
            InvalidValueError,
            "at least 1, not `0`",
        ),
        pytest.param(
            lambda: Reserve(key="k", unit="minutes", amount=2**63), LimitExceededError, "at most"
        ),
        pytest.param(
            lambda: Reserve(key="k", unit="minutes", amount=1, duration=timedelta()),
            InvalidValueError,
            "hold `k` lasts",
        ),
        pytest.param(
            lambda: Commit(key="k", hold="h", amount=-1),
            InvalidValueError,
            "amount of `k` must be at least 0",
        ),
        pytest.param(
            lambda: Commit(key="k", hold="h", amount=True), InvalidValueError, "whole number"
        ),
        pytest.param(
            lambda: GiveBack(key="k", commit="c", amount=0), InvalidValueError, "at least 1"
        ),
        pytest.param(
            lambda: Adjust(key="k", grant="g", amount=0), InvalidValueError, "adjustment `k` is 0"
        ),
        pytest.param(
            lambda: Adjust(key="k", grant="g", amount=-(2**63)), LimitExceededError, "at least -"
        ),
        pytest.param(
            lambda: TransferUnits(key="k", grant="g", to="t", amount=0),
            InvalidValueError,
            "at least 1",
        ),
        pytest.param(lambda: Void(key="a\x00b", hold="h"), InvalidValueError, "control character"),
        pytest.param(lambda: Void(key="k" * 201, hold="h"), LimitExceededError, "is not an id"),
    ],
)
def test_a_command_of_nonsense_cannot_be_built(
    build: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        build()


def test_pools_are_a_set_in_order_and_a_lone_name_is_one() -> None:
    pools = Reserve(key="k", unit="minutes", amount=1, pools=["b", "a", "b"]).pools
    assert pools == ("a", "b")
    assert Reserve(key="k", unit="minutes", amount=1, pools="desk").pools == ("desk",)


def test_a_grant_is_issued_under_a_key_of_its_id_unless_said_otherwise() -> None:
    assert key_parts(Issue(grant=GRANT).key) == ("issue", "g")
    assert Issue(grant=GRANT, key="k").key == "k"


def test_an_entry_has_the_key_and_kind_of_its_command_and_a_total() -> None:
    at = utc("2026-01-01T00:00Z")
    entry = Entry(
        number=1,
        command=Commit(key="k", hold="h"),
        at=at,
        recorded=at,
        shares=[GrantShare("a", 2), GrantShare("b", 3, 4)],
    )
    assert (entry.key, entry.kind, entry.total) == ("k", EntryKind.COMMIT, 9)
    assert entry.shares == (GrantShare("a", 2), GrantShare("b", 3, 4))


def test_equal_commands_of_one_key_are_the_same() -> None:
    check_same_command(Issue(grant=GRANT), Issue(grant=attrs.evolve(GRANT)))


@pytest.mark.parametrize(
    ("before", "now", "field"),
    [
        (Issue(grant=GRANT), Void(key="g", hold="h"), "kind"),
        (Issue(grant=GRANT), Issue(grant=attrs.evolve(GRANT, priority=3)), "grant.priority"),
        (Void(key="k", hold="a"), Void(key="k", hold="b"), "hold"),
    ],
)
def test_a_key_that_was_used_for_another_command_is_refused_with_the_field(
    before: LedgerCommand, now: LedgerCommand, field: str
) -> None:
    with pytest.raises(ConflictError, match=f"another `{field}`") as caught:
        check_same_command(before, now)
    assert caught.value.field == field
