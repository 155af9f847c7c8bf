"""Storage protocols and the records that a store keeps.

Start with `Store` and `UnitOfWork`; `entitlements.testing.laws.ports` tests any implementation.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.ports.case_lists import CaseFilter, CasePage, CaseSummary
    from entitlements.ports.catalog_editions import CatalogEdition
    from entitlements.ports.deliveries import Endpoint
    from entitlements.ports.records import (
        Case,
        ChainHead,
        DecisionRecord,
        Message,
        WorkItem,
    )
    from entitlements.ports.service_records.repository import every_record
    from entitlements.ports.service_records.service_record import (
        RecordFilter,
        RecordKind,
        ServiceRecord,
    )
    from entitlements.ports.store import Observer, Store, UnitOfWork
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "case_lists": ("CaseFilter", "CasePage", "CaseSummary"),
            "catalog_editions": ("CatalogEdition",),
            "deliveries": ("Endpoint",),
            "records": (
                "Case",
                "ChainHead",
                "DecisionRecord",
                "Message",
                "WorkItem",
            ),
            "service_records.repository": ("every_record",),
            "service_records.service_record": ("RecordFilter", "RecordKind", "ServiceRecord"),
            "store": ("Observer", "Store", "UnitOfWork"),
        },
    )

__all__ = [
    "Case",
    "CaseFilter",
    "CasePage",
    "CaseSummary",
    "CatalogEdition",
    "ChainHead",
    "DecisionRecord",
    "Endpoint",
    "Message",
    "Observer",
    "RecordFilter",
    "RecordKind",
    "ServiceRecord",
    "Store",
    "UnitOfWork",
    "WorkItem",
    "every_record",
]
