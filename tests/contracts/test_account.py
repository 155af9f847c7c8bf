"""Facts are only added, corrected by later ones, and refused if they make no sense."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from entitlements.contracts import (
    Account,
    Amendment,
    Asset,
    Block,
    Contract,
    ContractLine,
    Delegation,
    Grant,
    Issue,
    OpenCase,
    Renewal,
)
from entitlements.contracts.account import AccountPart, has_same_records, records_as_known
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)
from entitlements.kernel.instants import utc

NOON = utc("2026-03-02T12:00Z")
HOUR = timedelta(hours=1)
CONTRACT = Contract(
    id="C",
    customer="acme",
    zone="UTC",
    start=date(2026, 1, 1),
    months=12,
    lines=[ContractLine(id="1", plan="gold")],
)
BLOCK = Block(id="B", start=NOON, recorded=NOON)


def account(**said: Any) -> Account:
    """Return an account with one contract."""
    return Account(**{"customer": "acme", "contracts": [CONTRACT], **said})


def link(id: str, giver: str, receiver: str, **said: Any) -> Delegation:
    """Return a delegation from noon on."""
    return Delegation(
        **{"id": id, "contract": "C", "giver": giver, "receiver": receiver, "start": NOON, **said}
    )


def test_of_records_with_one_id_the_last_recorded_holds() -> None:
    corrected = attrs.evolve(BLOCK, reason="late", recorded=NOON + HOUR)
    gone = attrs.evolve(BLOCK, recorded=NOON + 2 * HOUR, retracted=True)
    records = [corrected, gone, BLOCK]
    assert records_as_known(records, NOON - HOUR) == ()
    assert records_as_known(records, NOON) == (BLOCK,)
    assert records_as_known(records, NOON + HOUR) == (corrected,)
    assert records_as_known(records, None) == ()


def test_what_was_known_then_has_no_later_record() -> None:
    found = account(changes=[BLOCK, attrs.evolve(BLOCK, id="A", recorded=None)])
    assert [each.id for each in found.as_known(NOON - HOUR).changes] == ["A"]
    assert found.as_known(NOON) == found


def test_what_was_known_then_need_not_fit_together() -> None:
    late = attrs.evolve(CONTRACT, recorded=NOON)
    renewal = Renewal(id="R", contract="C", months=12)
    before = account(contracts=[late], changes=[renewal]).as_known(NOON - HOUR)
    assert (before.contracts, before.changes) == ((), (renewal,))


def test_a_fact_is_known_from_its_recording_on() -> None:
    renewal = Renewal(id="R", contract="C", months=12)
    found = account().record(renewal, NOON)
    assert found.changes == (attrs.evolve(renewal, recorded=NOON),)
    assert found.as_known(NOON - HOUR) == account()
    assert account().record(link("D", "dana", "emil"), NOON).delegations[0].recorded == NOON
    again = found.record(attrs.evolve(CONTRACT, months=3), NOON)
    assert [each.recorded for each in again.contracts] == [None, NOON]


def test_a_case_is_replaced_and_a_grant_is_issued() -> None:
    case = OpenCase(id="K", contract="C", line="1", opened=NOON)
    closed = attrs.evolve(case, closed=NOON + HOUR)
    assert account(cases=[case]).record(closed, NOON + HOUR).cases == (closed,)
    grant = Grant(id="G", unit="incidents", amount=1, effective=NOON)
    assert account().record(Issue(grant=grant), NOON).ledger.grants == (grant,)


def test_a_new_case_and_a_longer_ledger_leave_the_dated_records_as_they_are() -> None:
    before = account(changes=[BLOCK])
    case = OpenCase(id="K", contract="C", line="1", opened=NOON)
    grant = Grant(id="G", unit="incidents", amount=1, effective=NOON)
    ledger = before.ledger.post(Issue(grant=grant), NOON).ledger
    after = before.with_case(case).with_ledger(ledger)
    assert after == attrs.evolve(before, cases=[case], ledger=ledger)
    assert has_same_records(before, after)
    assert not has_same_records(before, attrs.evolve(before, changes=[]))
    assert (before.cases, len(before.ledger)) == ((), 0)
    with pytest.raises(InvalidValueError):
        before.with_case(BLOCK)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError):
        before.with_ledger(None)  # type: ignore[arg-type]


def test_as_known_leaves_later_cases_out_and_later_ends_open() -> None:
    case = OpenCase(
        id="K", contract="C", line="1", opened=NOON, closed=NOON + HOUR, resolved=NOON + HOUR
    )
    known = account(cases=[case])
    assert known.as_known(NOON - HOUR).cases == ()
    assert known.as_known(NOON).cases == (attrs.evolve(case, closed=None, resolved=None),)
    assert known.as_known(NOON + HOUR).cases == (case,)


def test_as_known_leaves_later_delegations_out() -> None:
    early = link("early", "dana", "emil", recorded=NOON)
    late = link("late", "dana", "zoe", recorded=NOON + HOUR)
    known = account(delegations=[early, late])
    assert known.as_known(NOON).delegations == (early,)
    assert known.as_known(NOON + HOUR).delegations == (early, late)


def test_two_cases_have_two_ids() -> None:
    case = OpenCase(id="K", contract="C", line="1", opened=NOON)
    with pytest.raises(DuplicateIdError, match="`K`"):
        account(cases=[case, attrs.evolve(case, opened=NOON + HOUR)])


def test_a_case_is_resolved_between_its_opening_and_its_close() -> None:
    plain = OpenCase(id="K", contract="C", line="1", opened=NOON, closed=NOON + HOUR)
    for at in (NOON - HOUR, NOON + 2 * HOUR):
        with pytest.raises(InvalidValueError, match="case `K` is"):
            attrs.evolve(plain, resolved=at)
    assert attrs.evolve(plain, resolved=NOON).resolved == NOON
    assert attrs.evolve(plain, resolved=NOON + HOUR).resolved == NOON + HOUR


def test_equal_records_may_come_twice() -> None:
    assert account(changes=[BLOCK, BLOCK]).changes == (BLOCK, BLOCK)


def test_parts_that_could_not_be_loaded_are_named() -> None:
    assert account(unknown={"ledger": "timed out"}).unknown == {AccountPart.LEDGER: "timed out"}


ASSET = Asset(id="A", product="db")
BAD: list[tuple[str, Callable[[], object], type[EntitlementsError], str]] = [
    (
        "two truths recorded at once",
        lambda: account(changes=[BLOCK, attrs.evolve(BLOCK, reason="other")]),
        DuplicateIdError,
        "`B`",
    ),
    (
        "one asset, two products",
        lambda: account(assets=[ASSET, attrs.evolve(ASSET, product="os")]),
        DuplicateIdError,
        "`A`",
    ),
    (
        "an amendment before the start",
        lambda: account(changes=[Amendment(id="X", contract="C", effective=date(2025, 12, 31))]),
        InvalidValueError,
        "amendment `X` is effective on `2025-12-31`",
    ),
    (
        "a change of no contract",
        lambda: account(changes=[Renewal(id="R", contract="D", months=1)]),
        UnknownIdError,
        "`D`",
    ),
    (
        "a block on no line",
        lambda: account(changes=[Block(id="B", level="line", contract="C", line="9", start=NOON)]),
        UnknownIdError,
        "`9`",
    ),
    (
        "a delegation under no contract",
        lambda: account(delegations=[link("D", "a", "b", contract="D")]),
        UnknownIdError,
        "`D`",
    ),
    (
        "delegations in a circle",
        lambda: account(
            delegations=[link("D1", "a", "b"), link("D2", "b", "c"), link("D3", "c", "a")]
        ),
        ConflictError,
        "run in a circle",
    ),
    (
        "a fact recorded in the future",
        lambda: account().record(attrs.evolve(BLOCK, recorded=NOON + HOUR), NOON),
        InvalidValueError,
        "`B` was recorded at",
    ),
    (
        "a correction older than what it corrects",
        lambda: account(changes=[BLOCK]).record(
            attrs.evolve(BLOCK, reason="x", recorded=None), NOON
        ),
        DuplicateIdError,
        "`B`",
    ),
    (
        "a case closed before it is opened",
        lambda: OpenCase(id="K", contract="C", line="1", opened=NOON, closed=NOON - HOUR),
        InvalidValueError,
        "case `K`",
    ),
    (
        "too many facts",
        lambda: account(changes=[attrs.evolve(BLOCK, id=f"B{n}") for n in range(10_001)]),
        LimitExceededError,
        "more than 10000 records",
    ),
    (
        "a customer with a control character",
        lambda: Account(customer="ac\tme"),
        InvalidValueError,
        "control character",
    ),
]


@pytest.mark.parametrize(
    ("make", "error", "message"), [pytest.param(*rest, id=name) for name, *rest in BAD]
)
def test_bad_facts_are_refused_by_name(
    make: Callable[[], object], error: type[EntitlementsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_delegations_that_never_run_together_are_no_circle() -> None:
    there = link("D1", "a", "b", end=NOON + HOUR)
    assert account(delegations=[there, link("D2", "b", "a", start=NOON + HOUR)])
