"""The demo in a database: requests admitted, offered, accepted and resolved, then replayed.

Afterwards each decision is made again from what the database holds, and compared byte for byte.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final, final

import attrs

from entitlements.cli.demo.traffic import GeneratedRequest
from entitlements.engine import Facts
from entitlements.kernel.converters import frozen_map
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.ports import Message, Store
from entitlements.routing import Roster
from entitlements.service import AcceptOffer, AdmitRequest, ChainIntact, Desk, ResolveCase, Worker

TENANT: Final = "demo"


@final
@attrs.frozen(kw_only=True)
class StoredRun:
    """What a database holds of the demo, and whether its record is intact.

    Attributes:
        messages: Number of messages of each topic written by this run, if any.
        decisions: Number of recorded decisions.
        equal: Number of them whose replay is equal byte for byte.
        head: Digest of the last link of the hash chain; empty if the chain is broken.
    """

    messages: FrozenMap[str, int] = attrs.field(factory=FrozenMap, converter=frozen_map)
    decisions: int
    equal: int
    head: str

    @property
    def good(self) -> bool:
        """Whether the chain is intact and every replay is equal."""
        return bool(self.head) and self.equal == self.decisions

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain data."""
        return {
            "messages": dict(self.messages),
            "decisions": self.decisions,
            "replayed_equal": self.equal,
            "head": self.head,
        }

    def sentences(self, where: str) -> str:
        """Return the same as lines of text; `where` is the address of the database."""
        topics = [f"  {topic}: {times}" for topic, times in sorted(self.messages.items())]
        chain = f"intact, up to {self.head[:16]}" if self.head else "broken"
        lines = [
            f"Stored in {where}.",
            *(["Messages written:", *topics] if topics else ["The demo was stored there before."]),
            f"{self.decisions} decisions, {self.equal} replayed with equal bytes.",
            f"The hash chain of decisions is {chain}.",
        ]
        return "\n".join(lines) + "\n"


@final
class StoryClock:
    """A clock that the run sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the instant that was set last."""
        return self.at


@final
class _OfferCollector:
    """Observer that counts messages and collects offers."""

    def __init__(self) -> None:
        self.topics: Counter[str] = Counter()
        self.offers: list[Mapping[str, object]] = []

    def notify(self, _tenant: str, messages: Sequence[Message]) -> None:
        for each in messages:
            self.topics[each.topic] += 1
            if each.topic == "offer.made":
                self.offers.append(json.loads(each.body))


def store_run(
    store: Store, clock: StoryClock, facts: Facts, requests: Sequence[GeneratedRequest]
) -> StoredRun:
    """Run the requests through a desk, if the store has no demo yet, and replay all decisions."""
    collector = _OfferCollector()
    if TENANT not in store.tenants():
        _save_facts(store, facts, clock.at)
        _run_requests(store, clock, collector, requests)
    desk = Desk(store, TENANT)
    replayed = [each.same for each in desk.replay_all()]
    verification = desk.verify()
    return StoredRun(
        messages=collector.topics,
        decisions=len(replayed),
        equal=sum(replayed),
        head=verification.head.digest if isinstance(verification, ChainIntact) else "",
    )


def _save_facts(store: Store, facts: Facts, at: datetime) -> None:
    with store.begin(TENANT) as work:
        work.catalog.save(
            facts.catalog,
            facts.policies.values(),
            at,
            routing=facts.routing,
            prices=facts.prices,
            billing_accounts=facts.billing_accounts.values(),
            notice_clauses=facts.notice_clauses,
        )
        for account in facts.accounts.values():
            work.accounts.open(account)
        work.roster.change(Roster(), facts.roster)
        work.commit()


def _run_requests(
    store: Store,
    clock: StoryClock,
    collector: _OfferCollector,
    requests: Sequence[GeneratedRequest],
) -> None:
    desk, worker = (
        Desk(store, TENANT, collector),
        Worker(store, TENANT, observer=collector, tenants=[TENANT]),
    )
    efforts = {each.request.id: each.effort for each in requests}
    assigned: list[tuple[datetime, str]] = []

    def offer_waiting() -> None:
        worker.round()
        offers, collector.offers = collector.offers, []
        for offer in offers:
            case, agent, fence = str(offer["case"]), str(offer["agent"]), int(str(offer["fence"]))
            desk.execute(
                AcceptOffer(id=f"accept {case}/{fence}", case=case, agent=agent, fence=fence)
            )
            heappush(assigned, (clock.at + efforts[case], case))

    def finish(until: datetime) -> None:
        while assigned and assigned[0][0] <= until:
            clock.at, case = heappop(assigned)
            desk.execute(ResolveCase(id=f"resolve {case}", case=case))
            offer_waiting()

    for generated in requests:
        finish(generated.at)
        clock.at = generated.at
        desk.execute(AdmitRequest(id=f"admit {generated.request.id}", request=generated.request))
        offer_waiting()
    finish(requests[-1].at + timedelta(days=1))
