"""What becomes of the demo's requests at a desk with a database? Told, kept and decided again.

Every request is admitted, offered by a worker, accepted and resolved, at the instants of the story.
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
    """What a database holds of the demo, and whether it holds good.

    Attributes:
        messages: How many messages of each topic were written just now; none if it was all there.
        decisions: How many decisions are on record.
        equal: How many of them are the same, byte for byte, when they are made again.
        head: The digest of the last record; empty if the record is not whole.
    """

    messages: FrozenMap[str, int] = attrs.field(factory=FrozenMap, converter=frozen_map)
    decisions: int
    equal: int
    head: str

    @property
    def good(self) -> bool:
        """Whether the record is whole, and every decision is the same when made again."""
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
        """Return the same as lines of text."""
        told = [f"  {topic}: {times}" for topic, times in sorted(self.messages.items())]
        whole = f"whole, up to {self.head[:16]}" if self.head else "broken"
        lines = [
            f"Kept in {where}.",
            *(["Messages written:", *told] if told else ["It was there already."]),
            f"{self.decisions} decisions, {self.equal} the same byte for byte when made again.",
            f"The record of decisions is {whole}.",
        ]
        return "\n".join(lines) + "\n"


@final
class StoryClock:
    """The instant of the story."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the instant."""
        return self.at


@final
class _OfferCollector:
    """Counts messages, and keeps the offers that were made."""

    def __init__(self) -> None:
        self.topics: Counter[str] = Counter()
        self.offers: list[Mapping[str, object]] = []

    def notify(self, _tenant: str, messages: Sequence[Message]) -> None:
        for each in messages:
            self.topics[each.topic] += 1
            if each.topic == "offer.made":
                self.offers.append(json.loads(each.body))


def store_run(
    store: Store, clock: StoryClock, facts: Facts, questions: Sequence[GeneratedRequest]
) -> StoredRun:
    """Play the questions at a desk, if the store has no demo yet, and make all decisions again."""
    ears = _OfferCollector()
    if TENANT not in store.tenants():
        _settle(store, facts, clock.at)
        _play(store, clock, ears, questions)
    desk = Desk(store, TENANT)
    replayed = [each.same for each in desk.replay_all()]
    verdict = desk.verify()
    return StoredRun(
        messages=ears.topics,
        decisions=len(replayed),
        equal=sum(replayed),
        head=verdict.head.digest if isinstance(verdict, ChainIntact) else "",
    )


def _settle(store: Store, facts: Facts, at: datetime) -> None:
    with store.begin(TENANT) as work:
        work.catalog.save(facts.catalog, facts.policies.values(), at)
        for account in facts.accounts.values():
            work.accounts.open(account)
        work.roster.change(Roster(), facts.roster)
        work.commit()


def _play(
    store: Store, clock: StoryClock, ears: _OfferCollector, questions: Sequence[GeneratedRequest]
) -> None:
    desk, worker = Desk(store, TENANT, ears), Worker(store, TENANT, observer=ears, tenants=[TENANT])
    efforts = {each.request.id: each.effort for each in questions}
    in_hand: list[tuple[datetime, str]] = []

    def hand_over() -> None:
        worker.round()
        offers, ears.offers = ears.offers, []
        for offer in offers:
            case, agent, fence = str(offer["case"]), str(offer["agent"]), int(str(offer["fence"]))
            desk.execute(
                AcceptOffer(id=f"accept {case}/{fence}", case=case, agent=agent, fence=fence)
            )
            heappush(in_hand, (clock.at + efforts[case], case))

    def finish(until: datetime) -> None:
        while in_hand and in_hand[0][0] <= until:
            clock.at, case = heappop(in_hand)
            desk.execute(ResolveCase(id=f"resolve {case}", case=case))
            hand_over()

    for question in questions:
        finish(question.at)
        clock.at = question.at
        desk.execute(AdmitRequest(id=f"admit {question.request.id}", request=question.request))
        hand_over()
    finish(questions[-1].at + timedelta(days=1))
