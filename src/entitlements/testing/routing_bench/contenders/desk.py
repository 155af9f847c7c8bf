"""The library's desk and worker over a database: admission, offer, acceptance, resolution.

Every piece becomes a request under one contract, and every step is a transaction. The measured time
is that of the whole path, of which routing is a small part.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final, final
from weakref import finalize

import attrs

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.contracts import (
    AccessRight,
    Account,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    NamedContact,
    Plan,
    Product,
)
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request
from entitlements.ports import Message, Store
from entitlements.routing import Roster
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    CancelCase,
    Desk,
    ResolveCase,
    TransferCase,
    Worker,
)
from entitlements.sla import SlaPolicy, Target
from entitlements.testing.routing_bench.contender import Assignments
from entitlements.testing.routing_bench.contenders.values import roster_of
from entitlements.testing.routing_bench.worlds.events import (
    Change,
    Piece,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
)
from entitlements.testing.routing_bench.worlds.features import Feature, unfit
from entitlements.testing.routing_bench.worlds.world import World

GROUP: Final = "experts"
ABLE: Final = frozenset(
    {
        Feature.CHANNELS,
        Feature.SHIFTS,
        Feature.SKILL_CHANGES,
        Feature.STATUS_CHANGES,
        Feature.TRANSFERS,
        Feature.WITHDRAWALS,
    }
)
"""One group and one severity: the order of the queue is that of arrival."""


@final
class _Offers:
    """Observer that collects offers."""

    def __init__(self) -> None:
        self.made: list[Mapping[str, object]] = []

    def notify(self, _tenant: str, messages: Sequence[Message]) -> None:
        """Keep the offers among the messages."""
        self.made += [json.loads(each.body) for each in messages if each.topic == "offer.made"]


@final
class _Clock:
    """The clock of the store: the instant of the current event."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class StoredDesk(ABC):
    """A desk and one worker; a subclass says where the store is."""

    name = ""

    @abstractmethod
    def open_store(self, clock: Callable[[], datetime]) -> SqlStore:
        """Return a store with tables; it is closed when the contender is gone."""

    def load(self, world: World) -> str | None:
        """Store the facts: one contract, one group, all agents."""
        if reason := unfit(world, ABLE):
            return reason
        self._clock = _Clock(from_micros(world.start))
        self._store = self.open_store(self._clock)
        self._tenant = f"bench-{len(self._store.tenants())}"
        self._offers = _Offers()
        self._fences: dict[str, int] = {}
        channels = sorted({name for each in world.agents for name in each.channels or ()})
        _save_facts(self._store, self._tenant, world, channels or ["web"])
        self._channel = channels[0] if channels else "web"
        self._desk = Desk(self._store, self._tenant, self._offers)
        self._worker = Worker(
            self._store, self._tenant, observer=self._offers, tenants=[self._tenant]
        )
        return None

    def arrive(self, piece: Piece) -> Assignments:
        """Admit a request, and offer what waits."""
        self._clock.at = from_micros(piece.at)
        request = Request(
            id=piece.id, customer="acme", contact="dana", product="db", severity="S1",
            channel=piece.needs.channel or self._channel, skills=piece.needs.skills,
        )  # fmt: skip
        self._desk.execute(AdmitRequest(id=f"admit {piece.id}", request=request))
        return self._offer()

    def complete(self, work: str, at: int) -> Assignments:
        """Resolve a case, and offer what waits."""
        self._clock.at = from_micros(at)
        self._desk.execute(ResolveCase(id=f"resolve {work}", case=work))
        return self._offer()

    def change(self, change: Change) -> Assignments:
        """Carry out a change, and offer what waits."""
        self._clock.at = at = from_micros(change.at)
        match change:
            case SkillChange(agent=agent, skills=skills):
                self._change_roster(agent, lambda it: it.change_skills(agent, skills))
            case StatusChange(agent=agent, away=away):
                self._change_roster(agent, lambda it: it.set_status(agent, at, away=away))
            case WorkTransfer(work=id):
                fence = self._fences[id]
                command = TransferCase(id=f"transfer {id} {fence}", case=id, fence=fence)
                self._desk.execute(command)
            case Withdrawal(work=id):
                self._desk.execute(CancelCase(id=f"cancel {id}", case=id))
            case _:
                raise AssertionError(change)
        return self._offer()

    def advance(self, at: int) -> Assignments:
        """Offer what waits."""
        self._clock.at = from_micros(at)
        return self._offer()

    def _change_roster(self, agent: str, changed: Callable[[Roster], Roster]) -> None:
        with self._store.begin(self._tenant) as work:
            before = work.roster.roster(agents=[agent])
            work.roster.change(before, changed(before))
            work.commit()

    def _offer(self) -> Assignments:
        self._worker.round()
        made, self._offers.made = self._offers.made, []
        pairs = []
        for offer in made:
            case, agent, fence = str(offer["case"]), str(offer["agent"]), int(str(offer["fence"]))
            command = AcceptOffer(id=f"accept {case} {fence}", case=case, agent=agent, fence=fence)
            self._desk.execute(command)
            self._fences[case] = fence
            pairs.append((case, agent))
        return pairs


def _save_facts(store: Store, tenant: str, world: World, channels: list[str]) -> None:
    plan = Plan(
        id="plan", policy="hour", severities=["S1"], channels=channels,
        rights=[AccessRight(id="right", group=GROUP)],
    )  # fmt: skip
    contract = Contract(
        id="C-1", customer="acme", zone="UTC", start=date(2020, 1, 1), end=date(2100, 1, 1),
        lines=[ContractLine(id="1", plan="plan")], contacts=[NamedContact(contact="dana")],
    )  # fmt: skip
    catalog = Catalog(products=[Product(id="db")], groups=[ExpertGroup(id=GROUP)], plans=[plan])
    target = Target(milestone="first_response", within=timedelta(hours=1))
    with store.begin(tenant) as work:
        work.catalog.save(
            catalog, [SlaPolicy(id="hour", targets=[target])], from_micros(world.start)
        )
        work.accounts.open(Account(customer="acme", contracts=[contract]))
        work.roster.change(Roster(), _grouped(roster_of(world)))
        work.commit()


def _grouped(roster: Roster) -> Roster:
    agents = [attrs.evolve(each, groups=[GROUP]) for each in roster.agents.values()]
    return Roster(agents=agents, since=roster.since)


@final
class SqliteDesk(StoredDesk):
    """A desk over an SQLite file in a temporary folder."""

    name = "desk_sqlite"

    def open_store(self, clock: Callable[[], datetime]) -> SqlStore:
        """Make a new file."""
        folder = mkdtemp(prefix="entitlements-")
        store = _opened(f"sqlite:///{Path(folder) / 'bench.db'}", clock)
        finalize(self, _remove, store, folder)
        return store


@final
class PostgresDesk(StoredDesk):
    """A desk over PostgreSQL; every round is a separate tenant in the same database.

    Args:
        database: Address of the database, in which tables are made.
    """

    name = "desk_postgres"

    def __init__(self, database: str) -> None:
        self._database = database

    def open_store(self, clock: Callable[[], datetime]) -> SqlStore:
        """Open the database."""
        store = _opened(self._database, clock)
        finalize(self, store.close)
        return store


def _opened(url: str, clock: Callable[[], datetime]) -> SqlStore:
    migrate(url)
    return SqlStore.open(url, clock=clock)


def _remove(store: SqlStore, folder: str) -> None:
    store.close()
    rmtree(folder, ignore_errors=True)
