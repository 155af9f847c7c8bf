"""Where is it kept? Nobody knows here: protocols that any store can keep.

Start reading at `store`, go on to `repositories`, end at `records`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
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
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "records": (
                "Case",
                "CatalogEdition",
                "ChainHead",
                "DecisionRecord",
                "ExecutedCommand",
                "FrozenTerms",
                "GroupLease",
                "Message",
                "WorkItem",
            ),
            "repositories": (
                "Accounts",
                "Cases",
                "Catalogs",
                "Commands",
                "Decisions",
                "Fact",
                "GroupLeases",
                "Ledgers",
                "Outbox",
                "Rosters",
                "WorkItems",
            ),
            "store": ("Observer", "Store", "UnitOfWork"),
        },
    )

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
