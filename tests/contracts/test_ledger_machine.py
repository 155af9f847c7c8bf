"""Any sequence of commands, posted to the ledger and its oracle, with a table of the outcomes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.effort import tries

from entitlements.contracts.allowances.allowance import OveragePolicy, Rollover, Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Expire,
    GiveBack,
    Issue,
    LedgerCommand,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.ledger.ledger import Posted
from entitlements.kernel.instants import utc
from entitlements.testing.laws.ledger import LedgerPair, outcome_name

START = utc("2026-01-01T00:00Z")
HOUR = timedelta(hours=1)

EXPECTED = {
    "issue": {"posted", "duplicate_id"},
    "reserve": {
        "posted",
        "overage",
        "nothing_granted",
        "spent",
        "consent_needed",
        "cap_reached",
    },
    "commit": {"posted", "overage", "invalid_value", "transition", "unknown_id"},
    "commit late": {"posted", "spent", "transition"},
    "void": {"posted", "transition", "unknown_id"},
    "expire": {"posted", "transition"},
    "give back": {"posted", "transition", "invalid_value", "unknown_id"},
    "adjust": {"posted", "spent", "transition", "unknown_id"},
    "withdraw": {"posted", "transition"},
    "withdraw late": {"posted", "spent"},
    "transfer": {"posted", "spent", "transition"},
    "retry": {"posted", "refused"},
    "other content": {"conflict"},
}


class LedgerMachine(RuleBasedStateMachine):
    """Rules are biased towards keys that live and amounts that nearly fit."""

    reached: ClassVar[Counter[tuple[str, str]]] = Counter()
    grants = Bundle("grants")
    holds = Bundle("holds")
    uses = Bundle("uses")

    def __init__(self) -> None:
        super().__init__()
        self.pair = LedgerPair()
        self.now = START
        self.count = 0

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def post(self, name: str, command: LedgerCommand, at: datetime | None = None) -> str | None:
        outcome = self.pair.post(command, self.now if at is None else at)
        self.reached[name, outcome_name(outcome)] += 1
        return command.key if isinstance(outcome, Posted) else None

    @initialize(target=grants)
    def one_grant(self) -> str:
        return self.issue_of("g0", 3, OveragePolicy.REFUSE, hours=None, rolls=False)

    @rule(
        target=grants,
        amount=st.integers(0, 5),
        over_use=st.sampled_from(OveragePolicy),
        hours=st.sampled_from([None, 4, 24, 24]),
        rolls=st.booleans(),
    )
    def issue(self, amount: int, over_use: OveragePolicy, hours: int | None, rolls: bool) -> str:  # noqa: FBT001 - drawn
        return self.issue_of(f"g{self.key()}", amount, over_use, hours=hours, rolls=rolls)

    def issue_of(
        self, id: str, amount: int, over_use: OveragePolicy, *, hours: int | None, rolls: bool
    ) -> str:
        grant = Grant(
            id=id,
            unit=Unit.MINUTES,
            amount=amount,
            effective=self.now,
            expires=None if hours is None else self.now + hours * HOUR,
            resets=self.now + 2 * HOUR if rolls else None,
            rollover=Rollover(at_least=1, at_most=2) if rolls else None,
            over_use=over_use,
            cap=1 if over_use is OveragePolicy.CAP else None,
        )
        self.post("issue", Issue(grant=grant))
        return id

    @precondition(lambda self: self.count % 8 == 0)
    @rule(grant=grants)
    def issue_twice(self, grant: str) -> None:
        found = next(each for each in self.pair.ledger.grants if each.id == grant)
        self.post("issue", Issue(key=self.key(), grant=found))

    @rule(
        target=holds,
        more=st.sampled_from([0, 0, 0, -1, 1, 2]),
        part=st.booleans(),
        hours=st.sampled_from([None, 1, 1, 3]),
        consent=st.booleans(),
    )
    def reserve(self, more: int, part: bool, hours: int | None, consent: bool) -> object:  # noqa: FBT001 - drawn
        left = 1 if part else self.pair.ledger.available(Unit.MINUTES, self.now)
        command = Reserve(
            key=self.key(),
            unit=Unit.MINUTES,
            amount=max(1, left + more),
            duration=None if hours is None else hours * HOUR,
            consent=consent,
        )
        key = self.post("reserve", command)
        return multiple() if key is None else key

    @precondition(lambda self: self.count % 8 == 0)
    @rule(target=holds)
    def reserve_what_was_never_granted(self) -> object:
        self.post("reserve", Reserve(key=self.key(), unit=Unit.CREDITS, amount=1))
        return multiple()

    @rule(target=uses, hold=holds, amount=st.sampled_from([None, None, 1, 90]))
    def commit(self, hold: str, amount: int | None) -> object:
        key = self.post("commit", Commit(key=self.key(), hold=hold, amount=amount))
        return multiple() if key is None else key

    @rule(target=uses, hold=holds)
    def commit_late(self, hold: str) -> object:
        entry = self.pair.ledger.find(hold)
        assert entry is not None
        command = Commit(key=self.key(), hold=hold)
        key = self.post("commit late", command, entry.at)
        return multiple() if key is None else key

    @precondition(lambda self: self.count % 4 == 2)
    @rule()
    def commit_what_was_taken_again(self) -> None:
        left, start = self.pair.ledger.available(Unit.MINUTES, self.now), self.now
        if not left:
            return
        brief = Reserve(key=self.key(), unit=Unit.MINUTES, amount=left, duration=HOUR)
        hold = self.post("reserve", brief)
        self.now += HOUR
        self.post("reserve", Reserve(key=self.key(), unit=Unit.MINUTES, amount=left))
        if hold is not None:
            self.post("commit late", Commit(key=self.key(), hold=hold), start)

    @precondition(lambda self: self.count % 8 == 0)
    @rule(unknown=st.sampled_from(["commit", "void", "adjust", "give back"]))
    def name_an_unknown_entry(self, unknown: str) -> None:
        key = self.key()
        commands: dict[str, LedgerCommand] = {
            "commit": Commit(key=key, hold="unknown"),
            "void": Void(key=key, hold="unknown"),
            "adjust": Adjust(key=key, grant="unknown", amount=1),
            "give back": GiveBack(key=key, commit="unknown"),
        }
        self.post(unknown, commands[unknown])

    @rule(hold=holds)
    def void(self, hold: str) -> None:
        self.post("void", Void(key=self.key(), hold=hold))

    @rule(hold=holds)
    def expire(self, hold: str) -> None:
        self.post("expire", Expire(key=self.key(), hold=hold))

    @rule(use=uses, amount=st.sampled_from([None, 1, 9]))
    def give_back(self, use: str, amount: int | None) -> None:
        self.post("give back", GiveBack(key=self.key(), commit=use, amount=amount))

    @rule(grant=grants, amount=st.sampled_from([-2, -1, 1]))
    def adjust(self, grant: str, amount: int) -> None:
        self.post("adjust", Adjust(key=self.key(), grant=grant, amount=amount))

    @precondition(lambda self: self.count % 4 == 0)
    @rule(grant=grants)
    def withdraw(self, grant: str) -> None:
        self.post("withdraw", Withdraw(key=self.key(), grant=grant))

    @precondition(lambda self: self.count % 4 == 1)
    @rule(grant=grants)
    def withdraw_late(self, grant: str) -> None:
        found = next(each for each in self.pair.ledger.grants if each.id == grant)
        at = found.effective + timedelta(microseconds=1)
        if at < self.now and not any(
            isinstance(each.command, Withdraw) and each.command.grant == grant
            for each in self.pair.ledger.entries
        ):
            self.post("withdraw late", Withdraw(key=self.key(), grant=grant), at)

    @rule(grant=grants, amount=st.sampled_from([None, 1]))
    def transfer(self, grant: str, amount: int | None) -> None:
        command = TransferUnits(key=self.key(), grant=grant, to="other", amount=amount)
        self.post("transfer", command)

    @precondition(lambda self: len(self.pair.ledger) > 0)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.pair.ledger.entries))
        before = self.pair.ledger
        outcome = before.post(entry.command, self.now)
        assert outcome.entry is entry
        assert outcome.ledger is before
        self.reached["retry", "posted" if isinstance(outcome, Posted) else "refused"] += 1

    @precondition(lambda self: self.count % 4 == 2)
    @rule(data=st.data())
    def other_content(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.pair.ledger.entries))
        self.post("other content", Void(key=entry.key, hold="another"))

    @rule(hours=st.sampled_from([1, 1, 1, 2]))
    def pass_time(self, hours: int) -> None:
        self.now += hours * HOUR

    @invariant()
    def both_agree_and_every_unit_is_in_one_place(self) -> None:
        self.pair.compare(Unit.MINUTES, self.now)
        balance = self.pair.ledger.balance(Unit.MINUTES, self.now)
        placed = balance.left + balance.held + balance.used
        gone = balance.expired + balance.voided + balance.moved
        assert balance.granted == placed + gone


def test_every_rule_reaches_every_outcome() -> None:
    LedgerMachine.reached.clear()
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=tries(280, deep=2_000),
            stateful_step_count=50,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    reached = sorted(LedgerMachine.reached.items())
    table = [f"{name:<14} {outcome:<16} {count:>8}" for (name, outcome), count in reached]
    print("", *table, sep="\n")  # noqa: T201 - the table is what the run is for
    expected = {(name, outcome) for name, outcomes in EXPECTED.items() for outcome in outcomes}
    assert expected - set(LedgerMachine.reached) == set(), "a pair was never reached"
