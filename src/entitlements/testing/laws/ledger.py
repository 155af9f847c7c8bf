"""Ledger differential: random commands, posted to the ledger and its oracle, have equal answers.

Each step draws a command that is likely to matter: keys of open holds, instants at the boundaries
of grants and holds and a microsecond beside them, retries, and late commands. A difference raises
`AssertionError`.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Final, final

from entitlements.contracts.allowances.allowance import OveragePolicy, Rollover, Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    EntryKind,
    Expire,
    GiveBack,
    Issue,
    LedgerCommand,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.ledger.ledger import Ledger, Posted, PostRefused
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc
from entitlements.testing.oracles.ledger import NaiveLedger

START: Final = utc("2026-01-01T00:00Z")
_WEIGHTS: Final = {
    EntryKind.RESERVE: 36,
    EntryKind.COMMIT: 20,
    EntryKind.VOID: 7,
    EntryKind.EXPIRE: 5,
    EntryKind.GIVE_BACK: 9,
    EntryKind.ADJUST: 5,
    EntryKind.WITHDRAW: 2,
    EntryKind.TRANSFER: 4,
    EntryKind.ISSUE: 6,
}


class LedgerPair:
    """A ledger and its oracle, which get the same commands.

    Attributes:
        ledger: The ledger after all commands.
        naive: The oracle.
        reached: How often each kind of command had each outcome.
        comparisons: How many answers were compared.
    """

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.naive = NaiveLedger()
        self.reached: Counter[tuple[str, str]] = Counter()
        self.comparisons = 0

    def post(
        self, command: LedgerCommand, at: datetime
    ) -> Posted | PostRefused | EntitlementsError:
        """Post `command` to both and compare; return the outcome."""
        try:
            expected: object = self.naive.post(command, at)
        except EntitlementsError as error:
            expected = type(error)
        try:
            outcome: Posted | PostRefused | EntitlementsError = self.ledger.post(command, at)
        except EntitlementsError as error:
            outcome = error
        if isinstance(outcome, EntitlementsError):
            found: object = type(outcome)
        else:
            self.ledger = outcome.ledger
            found = outcome.entry.refusal or outcome.entry.shares
        self.same(expected, found, command, at)
        self.reached[command.kind.value, outcome_name(outcome)] += 1
        return outcome

    def compare(self, unit: Unit, at: datetime, pools: tuple[str, ...] = ()) -> None:
        """Compare the balances of `unit` at `at`."""
        self.same(self.naive.balance(unit, at), self.ledger.balance(unit, at), unit, at)
        expected = self.naive.available(unit, at, pools)
        self.same(expected, self.ledger.available(unit, at, pools), (unit, pools), at)

    def same(self, expected: object, found: object, what: object, at: datetime) -> None:
        """Raise `AssertionError` unless both answers are equal."""
        self.comparisons += 1
        if expected != found:
            raise AssertionError(f"{what} at {at}: expected {expected}, found {found}")


def outcome_name(outcome: Posted | PostRefused | EntitlementsError) -> str:
    """Return `posted`, `overage`, the code of the refusal, or the code of the error."""
    match outcome:
        case Posted(entry=entry):
            return "overage" if any(share.overage for share in entry.shares) else "posted"
        case PostRefused(reason=reason):
            return reason.value
        case EntitlementsError():
            return outcome.code


def compare_seed(seed: int, steps: int = 25, probes: int = 25) -> LedgerPair:
    """Post the commands of `seed` to both; raise `AssertionError` where they differ."""
    commands = RandomCommands(seed)
    try:
        for _ in range(steps):
            commands.step()
        commands.probe(probes)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from None
    return commands


@final
class RandomCommands(LedgerPair):
    """Commands drawn from one seed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)  # noqa: S311 - a seeded sequence, no secret
        self._now = START
        self._edges = [START]
        self._names: dict[EntryKind, list[str]] = {kind: [] for kind in EntryKind}
        self._used: list[LedgerCommand] = []
        self._count = 0
        for _ in range(self._random.randint(2, 4)):
            self.post(self._issue(), START)

    def step(self) -> None:
        """Draw a command and an instant, and post it to both."""
        dice = self._random.random()
        if dice < 0.08 and self._used:  # noqa: PLR2004 - a share of retries
            command = self._random.choice(self._used)
            if dice < 0.02:  # noqa: PLR2004 - a share of conflicts
                command = Void(key=command.key, hold="another")
        else:
            kinds, weights = zip(*_WEIGHTS.items(), strict=True)
            command = self._draw(self._random.choices(kinds, weights)[0])
        self.post(command, self._instant())

    def post(
        self, command: LedgerCommand, at: datetime
    ) -> Posted | PostRefused | EntitlementsError:
        """Post `command` to both, compare, and remember its key."""
        outcome = super().post(command, at)
        if not isinstance(outcome, EntitlementsError):
            self._remember(outcome)
        return outcome

    def probe(self, count: int) -> None:
        """Compare balances at boundaries in the past and the future, also after reading back."""
        again = Ledger.of(reversed(self.ledger.entries))
        for _ in range(count):
            at = self._beside(self._random.choice(self._edges))
            unit = self._random.choice(list(Unit))
            self.compare(unit, at, self._random.choice([(), (), ("p0",), ("p0", "p1")]))
            self.same(self.ledger.balance(unit, at), again.balance(unit, at), "read back", at)

    def _remember(self, outcome: Posted | PostRefused) -> None:
        match outcome:
            case Posted(entry=entry):
                name = entry.shares[0].grant if entry.kind is EntryKind.ISSUE else entry.key
                self._names[entry.kind].append(name)
                self._now = max(self._now, entry.at)
                self._edges.append(entry.at)
                self._edges.extend([] if entry.until is None else [entry.until])
                if isinstance(entry.command, Issue):
                    grant = entry.command.grant
                    edges = (grant.effective, grant.resets, grant.expires)
                    self._edges.extend(each for each in edges if each is not None)
            case PostRefused():
                pass
        self._used.append(outcome.entry.command)

    def _instant(self) -> datetime:
        dice = self._random.random()
        if dice < 0.15:  # noqa: PLR2004 - a share of late commands
            return self._beside(self._random.choice(self._edges))
        if dice < 0.35:  # noqa: PLR2004 - a share of commands at edges to come
            return max(self._now, self._beside(min(self._edges, key=self._time_until)))
        return self._now + timedelta(hours=self._random.choice([0, 0, 1, 5, 20]))

    def _time_until(self, edge: datetime) -> float:
        away = (edge - self._now).total_seconds()
        return away if away >= 0 else 1e12

    def _beside(self, at: datetime) -> datetime:
        return at + timedelta(microseconds=self._random.choice([-1, 0, 0, 1]))

    def _draw(self, kind: EntryKind) -> LedgerCommand:  # noqa: PLR0911 - one line a kind
        self._count += 1
        key = f"k{self._count}"
        match kind:
            case EntryKind.ISSUE:
                return self._issue()
            case EntryKind.RESERVE:
                return self._reserve(key)
            case EntryKind.COMMIT:
                amount = self._random.choice([None, None, 0, 1, 2, 3, 9])
                return Commit(key=key, hold=self._live(EntryKind.RESERVE), amount=amount)
            case EntryKind.VOID:
                return Void(key=key, hold=self._live(EntryKind.RESERVE))
            case EntryKind.EXPIRE:
                return Expire(key=key, hold=self._live(EntryKind.RESERVE))
            case EntryKind.GIVE_BACK:
                amount = self._random.choice([None, 1, 1, 2])
                return GiveBack(key=key, commit=self._live(EntryKind.COMMIT), amount=amount)
            case EntryKind.ADJUST:
                amount = self._random.choice([-4, -1, 1, 3])
                return Adjust(key=key, grant=self._live(EntryKind.ISSUE), amount=amount)
            case EntryKind.WITHDRAW:
                return Withdraw(key=key, grant=self._live(EntryKind.ISSUE))
            case EntryKind.TRANSFER:
                amount = self._random.choice([None, 1, 1, 2])
                grant = self._live(EntryKind.ISSUE)
                return TransferUnits(key=key, grant=grant, to="other", amount=amount)

    def _live(self, kind: EntryKind) -> str:
        keys = self._names[kind][-6:]
        return self._random.choice(keys) if keys and self._random.random() < 0.97 else "unknown"  # noqa: PLR2004 - a share of unknown names

    def _issue(self) -> Issue:
        self._count += 1
        days = self._random.choice([None, 1, 2, 8, 8])
        begin = self._now + timedelta(hours=self._random.choice([-24, 0, 0, 0, 12]))
        expires = None if days is None else begin + timedelta(days=days)
        rolls = self._random.random() < 0.3  # noqa: PLR2004 - a share of rollovers
        most = self._random.randint(0, 4)
        over_use = self._random.choice(list(OveragePolicy))
        grant = Grant(
            id=f"g{self._count}" if self._random.random() < 0.95 else "g1",  # noqa: PLR2004 - a share of doubles
            unit=self._random.choice([Unit.MINUTES, Unit.MINUTES, Unit.MINUTES, Unit.INCIDENTS]),
            amount=self._random.randint(0, 8),
            effective=begin,
            expires=expires,
            pool=self._random.choice([None, "p0", "p1"]),
            priority=self._random.choice([0, 0, 1]),
            resets=begin + timedelta(hours=12) if rolls else None,
            rollover=Rollover(at_least=self._random.randint(0, most), at_most=most)
            if rolls
            else None,
            over_use=over_use,
            cap=self._random.randint(0, 4) if over_use is OveragePolicy.CAP else None,
        )
        return Issue(key=f"i{self._count}", grant=grant)

    def _reserve(self, key: str) -> Reserve:
        hours = self._random.choice([None, 1, 3, 12, 30])
        return Reserve(
            key=key,
            unit=self._random.choice([Unit.MINUTES, Unit.MINUTES, Unit.MINUTES, Unit.INCIDENTS]),
            amount=self._random.choice([1, 1, 2, 3, 5, 9]),
            duration=None if hours is None else timedelta(hours=hours),
            pools=self._random.choice([(), (), (), (), ("p0",), ("p0", "p1")]),
            consent=self._random.random() < 0.4,  # noqa: PLR2004 - a share of consents
            grants=self._random.choice([(), (), (), ("g1",), ("g1", "g2", "g4")]),
        )
