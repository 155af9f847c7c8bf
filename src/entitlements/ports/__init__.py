"""Where is it kept? Nobody knows here: protocols that any store can keep.

Start reading at `store`, go on to `repositories`, end at `records`.
"""

from entitlements.ports.records import (
    Case,
    Decided,
    Done,
    Edition,
    FrozenTerms,
    Head,
    Message,
    Placement,
    Shard,
)
from entitlements.ports.repositories import (
    Accounts,
    Cases,
    Catalogs,
    Commands,
    Decisions,
    Fact,
    Ledgers,
    Offers,
    Outbox,
    Rosters,
    Shards,
)
from entitlements.ports.store import Observer, Store, UnitOfWork

__all__ = [
    "Accounts",
    "Case",
    "Cases",
    "Catalogs",
    "Commands",
    "Decided",
    "Decisions",
    "Done",
    "Edition",
    "Fact",
    "FrozenTerms",
    "Head",
    "Ledgers",
    "Message",
    "Observer",
    "Offers",
    "Outbox",
    "Placement",
    "Rosters",
    "Shard",
    "Shards",
    "Store",
    "UnitOfWork",
]
