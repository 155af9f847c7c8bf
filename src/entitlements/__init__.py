"""Access, deadlines and routing for support requests, in one explained decision.

May this person reach that expert now (`access`), under which promise (`contracts`), by when must
somebody answer (`sla`, `calendars`), and who is it (`routing`)? `Engine` answers all of it at once.
"""

from entitlements.access import Deferred, Denied, Granted, Reason
from entitlements.calendars import Calendar
from entitlements.contracts import Account, Catalog
from entitlements.engine import Assessment, Engine, Facts, assess
from entitlements.kernel import EntitlementsError, Request
from entitlements.routing import Assigned, Roster, Unroutable, Waiting
from entitlements.sla import SlaPolicy

__all__ = [
    "Account",
    "Assessment",
    "Assigned",
    "Calendar",
    "Catalog",
    "Deferred",
    "Denied",
    "Engine",
    "EntitlementsError",
    "Facts",
    "Granted",
    "Reason",
    "Request",
    "Roster",
    "SlaPolicy",
    "Unroutable",
    "Waiting",
    "assess",
]
