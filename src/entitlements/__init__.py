"""Access, deadlines and routing for support requests, in one explained decision.

Start with `Engine`, which answers a `Request` from `Facts`: may this person reach that expert now
(`access`), under which promise (`contracts`), by when must somebody answer (`sla`, `calendars`),
and who is it (`routing`)? The thirty names here are those with which an answer is built and read.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.access import Deferred, Denied, Granted, Reason
    from entitlements.calendars import Calendar
    from entitlements.contracts import (
        AccessRight,
        Account,
        Allowance,
        Catalog,
        Contract,
        ContractLine,
        ExpertGroup,
        NamedContact,
        Plan,
        Product,
    )
    from entitlements.engine import Assessment, Engine, Facts
    from entitlements.kernel import EntitlementsError, Request
    from entitlements.routing import Agent, Assigned, Roster, Router, Unroutable, Waiting
    from entitlements.sla import Event, SlaPolicy, Target, measure
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "access": ("Deferred", "Denied", "Granted", "Reason"),
            "calendars": ("Calendar",),
            "contracts": (
                "AccessRight",
                "Account",
                "Allowance",
                "Catalog",
                "Contract",
                "ContractLine",
                "ExpertGroup",
                "NamedContact",
                "Plan",
                "Product",
            ),
            "engine": ("Assessment", "Engine", "Facts"),
            "kernel": ("EntitlementsError", "Request"),
            "routing": ("Agent", "Assigned", "Roster", "Router", "Unroutable", "Waiting"),
            "sla": ("Event", "SlaPolicy", "Target", "measure"),
        },
    )

__all__ = [
    "AccessRight",
    "Account",
    "Agent",
    "Allowance",
    "Assessment",
    "Assigned",
    "Calendar",
    "Catalog",
    "Contract",
    "ContractLine",
    "Deferred",
    "Denied",
    "Engine",
    "EntitlementsError",
    "Event",
    "ExpertGroup",
    "Facts",
    "Granted",
    "NamedContact",
    "Plan",
    "Product",
    "Reason",
    "Request",
    "Roster",
    "Router",
    "SlaPolicy",
    "Target",
    "Unroutable",
    "Waiting",
    "measure",
]
