"""Where is it kept? Nobody knows here: protocols that any store can keep.

Start reading at `store`, go on to `repositories`, end at `records`.
"""

from entitlements.ports.records import (
    Case,
    CatalogEdition,
    ChainHead,
    DecisionRecord,
    ExecutedCommand,
    FrozenTerms,
    GroupLease,
    Message,
    WorkItem,
)
from entitlements.ports.repositories import (
    Accounts,
    Cases,
    Catalogs,
    Commands,
    Decisions,
    Fact,
    GroupLeases,
    Ledgers,
    Outbox,
    Rosters,
    WorkItems,
)
from entitlements.ports.store import Observer, Store, UnitOfWork

__all__ = [
    "Accounts",
    "Case",
    "Cases",
    "CatalogEdition",
    "Catalogs",
    "ChainHead",
    "Commands",
    "DecisionRecord",
    "Decisions",
    "ExecutedCommand",
    "Fact",
    "FrozenTerms",
    "GroupLease",
    "GroupLeases",
    "Ledgers",
    "Message",
    "Observer",
    "Outbox",
    "Rosters",
    "Store",
    "UnitOfWork",
    "WorkItem",
    "WorkItems",
]
