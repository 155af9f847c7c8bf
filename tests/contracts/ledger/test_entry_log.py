"""An immutable list whose longer versions share its chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Commit, Entry, Issue, RefusalReason, Void
from entitlements.contracts.ledger.entry_log import EntryLog, check_complete
from entitlements.kernel.errors import ConflictError, DuplicateIdError
from entitlements.kernel.instants import utc

AT = utc("2026-01-01T00:00Z")


def an_entry(number: int, refusal: RefusalReason | None = None) -> Entry:
    command = Commit(key=f"k{number}", hold=f"h{number % 5}")
    return Entry(number=number, command=command, at=AT, recorded=AT, refusal=refusal)


@given(st.integers(0, 70), st.integers(0, 40), st.data())
def test_a_journal_is_a_list_that_finds_by_key(size: int, bulk: int, data: st.DataObject) -> None:
    entries = [an_entry(number) for number in range(1, size + bulk + 1)]
    log = EntryLog.of(tuple(entries[:bulk]))
    stages = [log]
    for entry in entries[bulk:]:
        log = log.add(entry)
        stages.append(log)
    for length, stage in enumerate(stages, start=bulk):
        assert len(stage) == length
    stage = data.draw(st.sampled_from(stages))
    assert list(stage) == entries[: len(stage)]
    known = data.draw(st.integers(0, size + bulk + 1))
    assert stage.after(known) == tuple(entries[known : len(stage)])
    for entry in entries:
        assert stage.find(entry.key) is (entry if entry.number <= len(stage) else None)
    for hold in ("h0", "h3", "unknown"):
        expected = (
            [e for e in entries[: len(stage)] if e.number % 5 == int(hold[1])]
            if hold != "unknown"
            else []
        )
        assert list(stage.entries_about(hold)) == expected


def test_a_refused_entry_refers_to_nothing() -> None:
    log = EntryLog().add(an_entry(1, RefusalReason.SPENT))
    assert list(log.entries_about("h1")) == []
    assert log.find("k1") is not None


def test_two_successors_of_one_journal_do_not_disturb_each_other() -> None:
    log = EntryLog().add(an_entry(1))
    one, other = log.add(an_entry(2)), log.add(an_entry(7))
    assert [each.key for each in one] == ["k1", "k2"]
    assert [each.key for each in other] == ["k1", "k7"]
    assert one.find("k7") is None


def test_a_complete_list_is_numbered_and_bears_each_key_once() -> None:
    grant = Grant(id="g", unit="minutes", amount=5, effective=AT)
    issues = [
        Entry(number=n, command=Issue(key=f"i{n}", grant=grant), at=AT, recorded=AT) for n in (1, 2)
    ]
    void = Entry(number=2, command=Void(key="k1", hold="h"), at=AT, recorded=AT)
    check_complete([])
    check_complete([an_entry(1), an_entry(2)])
    with pytest.raises(ConflictError, match="entry `1` is missing or there twice"):
        check_complete([an_entry(2)])
    with pytest.raises(DuplicateIdError, match="idempotency key has the id `k1`"):
        check_complete([an_entry(1), void])
    with pytest.raises(DuplicateIdError, match="grant has the id `g`"):
        check_complete(issues)
