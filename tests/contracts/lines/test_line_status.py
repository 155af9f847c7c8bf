"""Status of a line, day by day, for one history after another."""

from datetime import date, timedelta
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from tests.effort import tries

from entitlements.contracts import (
    AccessRight,
    Account,
    Amendment,
    Block,
    Cancellation,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    Grace,
    LineHistory,
    LineStatus,
    NamedContact,
    Plan,
    Renewal,
    Transfer,
    line_histories,
)
from entitlements.contracts.records.changes import BlockEffect, Change
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.testing.oracles.accounts.contracts import NaiveContracts, latest
from entitlements.testing.strategies.worlds.access import World, world, worlds


def plan(id: str = "gold", version: str = "1", **said: Any) -> Plan:
    """Return a plan with ten days of grace."""
    usual: dict[str, Any] = {
        "policy": "p",
        "severities": ["S1"],
        "channels": ["web"],
        "rights": [AccessRight(id="r", group="dba")],
        "grace": Grace(days=10),
    }
    return Plan(id=id, version=version, **{**usual, **said})


CATALOG = Catalog(
    groups=[ExpertGroup(id="dba")],
    plans=[
        plan(),
        plan(version="2", effective=date(2026, 2, 1), existing_from=date(2026, 9, 1)),
        plan("bare", grace=None),
    ],
)
LINE = ContractLine(id="1", plan="gold")


def contract(**said: Any) -> Contract:
    """Return a contract from the second quarter of 2026 on, for three months."""
    usual = {
        "id": "C",
        "customer": "acme",
        "start": date(2026, 4, 1),
        "months": 3,
        "lines": [LINE],
    }
    return Contract(zone="UTC", **{**usual, **said})


def history(*changes: Change, **said: Any) -> LineHistory:
    """Return the history of the first line."""
    account = Account(customer="acme", contracts=[contract(**said)], changes=changes)
    return line_histories(account, CATALOG)[0]


def story(*changes: Change, **said: Any) -> list[str]:
    """Return each status with its first day."""
    found = []
    steps = history(*changes, **said).states
    for start, standing in zip(steps.starts, steps.values, strict=True):
        if not found or found[-1][1] is not standing.status:
            found.append((start, standing.status))
    return [
        f"{status} {from_micros(start):%m-%d}" if start > -(10**17) else status.value
        for start, status in found
    ]


OVER = ["expired 07-11"]
USUAL = ["pending", "active 04-01", "grace 07-01", *OVER]


@pytest.mark.parametrize(
    ("changes", "said", "expected"),
    [
        pytest.param([], {}, USUAL, id="a term, its grace, and no more"),
        pytest.param([], {"months": None}, ["pending", "active 04-01"], id="an open end"),
        pytest.param(
            [],
            {"lines": [ContractLine(id="1", plan="bare")]},
            ["pending", "active 04-01", "expired 07-01"],
            id="no grace",
        ),
        pytest.param(
            [Renewal(id="R", contract="C", months=3)],
            {},
            ["pending", "active 04-01", "grace 10-01", "expired 10-11"],
            id="renewed in time",
        ),
        pytest.param(
            [Renewal(id="R", contract="C", kind="fresh", start=date(2026, 7, 6), months=1)],
            {},
            [
                "pending",
                "active 04-01",
                "grace 07-01",
                "active 07-06",
                "grace 08-06",
                "expired 08-16",
            ],
            id="renewed within grace",
        ),
        pytest.param(
            [Renewal(id="R", contract="C", kind="fresh", start=date(2026, 8, 1), months=1)],
            {},
            [*USUAL, "active 08-01", "grace 09-01", "expired 09-11"],
            id="renewed after a lapse",
        ),
        pytest.param(
            [Cancellation(id="K", contract="C", effective=date(2026, 5, 31))],
            {},
            ["pending", "active 04-01", "cancelled 06-01"],
            id="cancelled with a last day",
        ),
        pytest.param(
            [Cancellation(id="K", contract="C", effective=date(2026, 5, 31), retracted=True)],
            {},
            USUAL,
            id="cancelled and taken back",
        ),
        pytest.param(
            [Block(id="B", start=utc("2026-05-01T00:00Z"), end=utc("2026-05-08T00:00Z"))],
            {},
            ["pending", "active 04-01", "suspended 05-01", "active 05-08", "grace 07-01", *OVER],
            id="suspended for a week",
        ),
        pytest.param(
            [
                Block(
                    id="B",
                    start=utc("2026-05-01T00:00Z"),
                    end=utc("2026-05-08T00:00Z"),
                    extends_term=True,
                )
            ],
            {},
            [
                "pending",
                "active 04-01",
                "suspended 05-01",
                "active 05-08",
                "grace 07-08",
                "expired 07-18",
            ],
            id="suspended for a week that is given back",
        ),
        pytest.param(
            [Transfer(id="T", contract="C", to="blox", at=utc("2026-05-01T00:00Z"))],
            {},
            ["pending", "active 04-01", "superseded 05-01"],
            id="passed on",
        ),
        pytest.param(
            [Transfer(id="T", contract="C", to="acme", at=utc("2026-05-01T00:00Z"))],
            {"customer": "blox"},
            ["pending", "active 05-01", "grace 07-01", *OVER],
            id="taken over",
        ),
        pytest.param(
            [Amendment(id="A", contract="C", effective=date(2026, 5, 1), removed=["1"])],
            {},
            ["pending", "active 04-01", "superseded 05-01"],
            id="amended away",
        ),
        pytest.param(
            [Amendment(id="A", contract="C", effective=date(2026, 5, 1), lines=[LINE])],
            {"lines": []},
            ["pending", "active 05-01", "grace 07-01", *OVER],
            id="added later, and pending before",
        ),
        pytest.param(
            [],
            {"lines": [ContractLine(id="1", plan="gold", end=date(2026, 4, 30))]},
            ["pending", "active 04-01", "grace 05-01", "expired 05-11"],
            id="a line that ends earlier",
        ),
    ],
)
def test_a_status_is_derived(
    changes: list[Change], said: dict[str, Any], expected: list[str]
) -> None:
    assert story(*changes, **said) == expected


@pytest.mark.parametrize(
    ("changes", "said", "expected"),
    [
        pytest.param(
            [Transfer(id="T", contract="C", to="acme", at=utc("2026-07-05T00:00Z"))],
            {"customer": "other"},
            ["pending", "expired 07-05"],
            id="a customer to whom it comes in the grace days",
        ),
        pytest.param(
            [Transfer(id="T", contract="C", to="acme", at=utc("2027-01-01T00:00Z"))],
            {"customer": "other"},
            ["pending", "expired 01-01"],
            id="a customer to whom it comes long after",
        ),
        pytest.param(
            [Transfer(id="T", contract="C", to="acme", at=utc("2026-05-05T00:00Z"))],
            {"customer": "other"},
            ["pending", "active 05-05", "grace 07-01", *OVER],
            id="a customer to whom it came in the term",
        ),
        pytest.param(
            [
                Transfer(id="T1", contract="C", to="other", at=utc("2026-05-05T00:00Z")),
                Transfer(id="T2", contract="C", to="acme", at=utc("2026-07-03T00:00Z")),
            ],
            {},
            ["pending", "active 04-01", "superseded 05-05", "expired 07-03"],
            id="a customer who did not have the end of the term",
        ),
        pytest.param(
            [Amendment(id="A", contract="C", effective=date(2026, 7, 5), lines=[LINE])],
            {"lines": []},
            ["pending", "expired 07-05"],
            id="a line that is added in the grace days",
        ),
        pytest.param(
            [
                Amendment(id="A", contract="C", effective=date(2026, 7, 5), lines=[LINE]),
                Renewal(id="R", contract="C", kind="fresh", start=date(2026, 8, 1), months=1),
            ],
            {"lines": []},
            ["pending", "active 08-01", "grace 09-01", "expired 09-11"],
            id="a line that is added between two terms",
        ),
    ],
)
def test_grace_follows_only_a_term_that_line_and_customer_had(
    changes: list[Change], said: dict[str, Any], expected: list[str]
) -> None:
    assert story(*changes, **said) == expected


def test_what_replaces_a_contract_supersedes_it() -> None:
    new = contract(id="C2", start=date(2026, 5, 1), months=None, replaces="C")
    account = Account(customer="acme", contracts=[contract(), new])
    old = line_histories(account, CATALOG)[0]
    assert old.states.at(to_micros(utc("2026-04-30T23:59Z"))).status is LineStatus.ACTIVE
    assert old.states.at(to_micros(utc("2026-05-01T00:00Z"))).status is LineStatus.SUPERSEDED


def test_a_line_keeps_what_it_was_sold_until_the_plan_says_otherwise() -> None:
    steps = history(months=None, start=date(2026, 1, 1)).states
    assert steps.at(to_micros(utc("2026-08-31T23:59Z"))).plan.version == "1"
    assert steps.at(to_micros(utc("2026-09-01T00:00Z"))).plan.version == "2"
    sold_later = history(months=None).states
    assert sold_later.at(to_micros(utc("2026-04-01T00:00Z"))).plan.version == "2"


def test_the_state_of_a_line_has_the_effects_and_ids_of_its_blocks() -> None:
    start = utc("2026-05-01T00:00Z")
    standing = history(
        Block(id="B1", start=start, effects=["consumption"], pauses_clocks=True),
        Block(id="B2", level="line", contract="C", line="1", start=start),
    ).states.at(to_micros(start))
    assert standing.blocked == frozenset({BlockEffect.ACCESS, BlockEffect.CONSUMPTION})
    assert standing.blocks == ("B1", "B2")
    assert standing.pauses_clocks
    assert standing.status is LineStatus.SUSPENDED


def test_contacts_follow_amendments() -> None:
    later = [NamedContact(contact="emil")]
    amended = Amendment(id="A", contract="C", effective=date(2026, 5, 1), contacts=later)
    steps = history(amended, contacts=[NamedContact(contact="dana")]).states
    assert [each.contact for each in steps.values[0].contacts] == ["dana"]
    assert [each.contact for each in steps.values[-1].contacts] == ["emil"]


def test_two_transfers_at_one_instant_and_two_amendments_on_one_day_are_refused() -> None:
    at = utc("2026-05-01T00:00Z")
    with pytest.raises(ConflictError, match="`T1` and `T2` are at one instant"):
        history(*(Transfer(id=id, contract="C", to="blox", at=at) for id in ("T1", "T2")))
    day = date(2026, 5, 1)
    with pytest.raises(ConflictError, match="`A1` and `A2` change line `1` on one day"):
        history(
            *(Amendment(id=id, contract="C", effective=day, removed=["1"]) for id in ("A1", "A2"))
        )


def differences(drawn: World) -> list[object]:
    """Return the differences between the histories of a world and the oracle."""
    naive = NaiveContracts(drawn.catalog, drawn.account)
    contracts = {each.id: each for each in latest(drawn.account.contracts)}
    found: list[object] = []
    for line in line_histories(drawn.account, drawn.catalog):
        contract = contracts[line.contract.id]
        for _, at in drawn.questions:
            when = from_micros(at)
            text, gone = naive.text(contract, line.line, when)
            standing = line.states.at(at)
            theirs = (
                naive.status(contract, line.line, text, gone, when),
                text,
                naive.plan(contract, text, when),
                naive.listed(contract, when),
                naive.blocked(contract, line.line, when),
            )
            ours = (
                standing.status,
                standing.line,
                standing.plan,
                standing.contacts,
                standing.blocked,
            )
            found += [] if ours == theirs else [(when, ours, theirs)]
    return found


def seeded(seed: int) -> World:
    """Return the world of a seed."""
    return world(Random(seed))  # noqa: S311 - a seed has to replay it


@given(worlds())
def test_histories_equal_those_of_the_oracle(drawn: World) -> None:
    assert differences(drawn) == []


def test_seeded_histories_equal_those_of_the_oracle() -> None:
    assert [found for seed in range(tries(60)) for found in differences(seeded(seed))] == []


def test_a_line_cannot_buy_no_contacts() -> None:
    with pytest.raises(
        InvalidValueError, match="contact_limit: a limit must be at least 1, not `0`"
    ):
        ContractLine(id="1", plan="gold", contact_limit=0)


def test_a_grace_without_measure_lasts_for_ever() -> None:
    forever = Catalog(
        groups=CATALOG.groups, plans=[plan(grace=Grace(days=10**30)), plan("bare", grace=None)]
    )
    sold = Contract(id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), months=3)
    sold = attrs.evolve(sold, lines=[LINE])
    (history,) = line_histories(Account(customer="acme", contracts=[sold]), forever)
    assert history.states.values[-1].status is LineStatus.GRACE
    assert history.ends(history.states.starts[-1], in_grace=True) is None


def test_a_cancellation_for_the_end_of_the_calendar_is_none() -> None:
    never = Cancellation(id="X", contract="C", effective=date.max)
    account = Account(customer="acme", contracts=[contract(months=None)], changes=[never])
    (history,) = line_histories(account, CATALOG)
    assert history.ends(to_micros(utc("2026-06-01T00:00Z"))) is None


def asked_by_line(account: Account) -> dict[str, LineHistory]:
    """Return the history of every line."""
    return {each.line: each for each in line_histories(account, CATALOG)}


def test_twenty_thousand_blocks_may_run_at_once() -> None:
    begin, hour = utc("2026-04-01T00:00Z"), timedelta(hours=1)
    on_account = [Block(id=f"A{n:05}", start=begin + n * hour) for n in range(10_000)]
    on_contract = [
        attrs.evolve(each, id=f"C{n:05}", level="contract", contract="C")
        for n, each in enumerate(on_account)
    ]
    account = Account(customer="acme", contracts=[contract()], changes=[*on_account, *on_contract])
    (history,) = line_histories(account, CATALOG)
    standing = history.states.at(to_micros(begin + 99 * hour))
    assert standing.status is LineStatus.SUSPENDED
    assert len(standing.blocks) == 200
    assert standing.blocks[0] == "A00000"
    assert standing.blocks[-1] == "C00099"
    assert len(history.states.at(to_micros(begin + 20_000 * hour)).blocks) == 20_000


def test_six_thousand_amendments_may_add_a_line_each() -> None:
    days = [date(2026, 4, 1) + n * timedelta(days=1) for n in range(6000)]
    amendments = [
        Amendment(
            id=f"A{n}", contract="C", effective=day, lines=[ContractLine(id=f"L{n}", plan="gold")]
        )
        for n, day in enumerate(days)
    ]
    sold = contract(months=None)
    found = asked_by_line(Account(customer="acme", contracts=[sold], changes=amendments))
    assert len(found) == 6001
    edge = to_micros(utc("2026-04-08T00:00Z"))
    assert found["L7"].states.at(edge - 1).status is LineStatus.PENDING
    assert found["L7"].states.at(edge).status is LineStatus.ACTIVE


def test_blocks_and_amendments_of_many_lines_do_not_multiply() -> None:
    begin, day = utc("2026-04-01T00:00Z"), timedelta(days=1)
    amendments = [
        Amendment(
            id=f"A{n}",
            contract="C",
            effective=(begin + n * day).date(),
            lines=[ContractLine(id=f"L{n % 100}", plan="gold")],
        )
        for n in range(5000)
    ]
    blocks = [
        Block(
            id=f"B{n}",
            level="contract",
            contract="C",
            start=begin + n * day,
            end=begin + n * day + day / 2,
        )
        for n in range(5000)
    ]
    sold = contract(months=None)
    found = asked_by_line(
        Account(customer="acme", contracts=[sold], changes=[*amendments, *blocks])
    )
    noon = to_micros(begin + 4999 * day + day / 2)
    assert {each.states.at(noon - 1).status for each in found.values()} == {LineStatus.SUSPENDED}
    assert {each.states.at(noon).status for each in found.values()} == {LineStatus.ACTIVE}
    assert {each.ends(noon) for each in found.values()} == {None}


def test_a_removed_line_keeps_its_last_version() -> None:
    silver = ContractLine(id="1", plan="bare")
    changes = [
        Amendment(id="A", contract="C", effective=date(2026, 4, 10), lines=[silver]),
        Amendment(id="B", contract="C", effective=date(2026, 4, 20), removed=["1"]),
        Amendment(id="C", contract="C", effective=date(2026, 4, 25), removed=["1"]),
    ]
    found = history(*changes)
    gone = [found.states.at(to_micros(utc(f"2026-04-{day}T00:00Z"))) for day in (20, 25)]
    assert [(each.status, each.line) for each in gone] == [(LineStatus.SUPERSEDED, silver)] * 2


def test_every_boundary_is_listed_once() -> None:
    day = utc("2026-04-10T00:00Z")
    on_line = Block(id="L", level="line", contract="C", line="1", start=day)
    line = Amendment(id="A", contract="C", effective=date(2026, 4, 10), lines=[LINE], contacts=[])
    starts = history(Block(id="B", start=day), on_line, line).states.starts
    assert len(starts) == len(set(starts))
    assert to_micros(day) in starts


def test_a_line_is_sold_on_the_day_on_which_it_gets_its_plan() -> None:
    """The second version of `gold` is on sale from February; the contract begins in January."""

    def version(*amendments: Amendment, line: str, signed: ContractLine = LINE) -> str:
        contract = Contract(
            id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), lines=[signed]
        )
        account = Account(customer="acme", contracts=[contract], changes=amendments)
        histories = {each.line: each for each in line_histories(account, CATALOG)}
        return histories[line].states.at(to_micros(utc("2026-06-01T00:00Z"))).plan.version

    def amended(day: date, **said: Any) -> Amendment:
        line = ContractLine(**{"id": "1", "plan": "gold", **said})
        return Amendment(id=f"A {day}", contract="C", effective=day, lines=[line])

    march, may = date(2026, 3, 1), date(2026, 5, 1)
    bare = ContractLine(id="1", plan="bare")
    without = Amendment(id="A", contract="C", effective=march, removed=["1"])
    assert version(line="1") == "1"
    assert version(amended(march, id="2"), line="2") == "2"
    assert version(amended(march, contact_limit=5), line="1") == "1"
    assert version(amended(march), line="1", signed=bare) == "2"
    assert version(without, amended(may), line="1") == "2"
    assert version(amended(march, id="2", sold=date(2026, 1, 2)), line="2") == "1"
    assert version(amended(march, id="2", start=date(2026, 1, 2)), line="2") == "2"


def test_the_grace_after_a_term_is_that_of_the_plan_before_its_end() -> None:
    plans = [
        plan(),
        plan(version="2", effective=date(2026, 2, 1), existing_from=date(2026, 7, 1), grace=None),
    ]
    catalog = Catalog(groups=[ExpertGroup(id="dba")], plans=plans)
    line = ContractLine(id="1", plan="gold", plan_version="1")
    account = Account(customer="acme", contracts=[contract(lines=[line])])
    (found,) = line_histories(account, catalog)
    assert [(f"{at:%m-%d}", status.value) for at, status in found.status_changes()] == [
        ("04-01", "active"),
        ("07-01", "grace"),
        ("07-11", "expired"),
    ]
