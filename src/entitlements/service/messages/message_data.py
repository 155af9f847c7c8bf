"""Bodies of messages by topic: the classes whose fields are their keys.

A body that is registered here is shown by `entitlements schema messages`. A body has no version of
its own: the envelope of a message names its schema, with the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.kernel.data.forms import Plain
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.service.failures import ItemKind
from entitlements.service.records.record_bodies import RECORD_TOPICS
from entitlements.sla.case_history.events import EventKind
from entitlements.sla.case_history.lifecycle import CaseStatus

_OBJECT: Final = Plain(dict, "an object", "object")


@final
@attrs.frozen(kw_only=True)
class CaseEventBody:
    """An event of a case was recorded.

    Attributes:
        case: Id of the case.
        kind: What happened.
        happened: When it happened.
    """

    case: str
    kind: EventKind
    happened: datetime


@final
@attrs.frozen(kw_only=True)
class CaseResolvedBody:
    """A case was resolved.

    Attributes:
        case: Id of the case.
        by: Who resolved it; null if that was not said.
    """

    case: str
    by: str | None


@final
@attrs.frozen(kw_only=True)
class CaseBody:
    """Something happened to a case.

    Attributes:
        case: Id of the case.
    """

    case: str


@final
@attrs.frozen(kw_only=True)
class DecisionBody:
    """A request was decided.

    Attributes:
        case: Id of the request, and of its case if one was opened.
        customer: Id of the customer.
        decision: The outcome, as in the record of decisions.
    """

    case: str
    customer: str
    decision: Mapping[str, Any] = attrs.field(metadata={"form": _OBJECT})


@final
@attrs.frozen(kw_only=True)
class CaseAdoptedBody:
    """A case was taken over that was opened elsewhere.

    Attributes:
        case: Id of the case.
        customer: Id of the customer.
        status: Its status.
    """

    case: str
    customer: str
    status: CaseStatus


@final
@attrs.frozen(kw_only=True)
class SeverityRefusedBody:
    """A contact asked for a severity that they may not open.

    Attributes:
        case: Id of the case.
        contact: Id of the contact.
        severity: The severity.
        reasons: Codes of the reasons.
    """

    case: str
    contact: str
    severity: str
    reasons: tuple[str, ...]


@final
@attrs.frozen(kw_only=True)
class NoticeBody:
    """A deadline is near, or has passed.

    Attributes:
        case: Id of the case.
        milestone: The milestone.
        cycle: Which start of its clock this is, from 1.
        number: Number of the warning, from 1; 0 for a breach.
        at: Instant of the warning or breach.
        due: The deadline; null while the clock is paused.
    """

    case: str
    milestone: str
    cycle: int
    number: int
    at: datetime
    due: datetime | None


@final
@attrs.frozen(kw_only=True)
class UnitsUnpaidBody:
    """Units were used that nothing pays for.

    Attributes:
        case: Id of the case.
        amount: How many units.
    """

    case: str
    amount: int


@final
@attrs.frozen(kw_only=True)
class WorkBody:
    """The work of a case was offered, or moved.

    Attributes:
        case: Id of the case.
        agent: Id of the agent concerned; null for none.
        fence: Fence of the offer; null for none.
        until: End of the offer, or of the wrap-up.
        override: Who allowed an agent to get it without being eligible, and why.
    """

    case: str
    agent: str | None
    fence: int | None
    until: datetime | None
    override: AssignmentOverride | None = None


@final
@attrs.frozen(kw_only=True)
class QueueFullBody:
    """The queue of a group had no room for the work of a case.

    Attributes:
        case: Id of the case.
        group: The group whose queue it is in; null for none.
        refused: The limits of each group whose queue had no room.
        parked: Whether the work is parked.
    """

    case: str
    group: str | None
    refused: FrozenMap[str, tuple[str, ...]]
    parked: bool


@final
@attrs.frozen(kw_only=True)
class ItemSetAsideBody:
    """Something failed, and is tried again later.

    Attributes:
        case: Id of the item: of a case, its work, a customer or a group.
        kind: What the id is of.
        reason: Code of the error.
        message: Message of the error.
        tries: How often it has failed in succession.
        again: When it is tried again.
    """

    case: str
    kind: ItemKind
    reason: str
    message: str
    tries: int
    again: datetime


_TOPICS: Final = (
    ("case.granted", "A request was granted, and its case is open", DecisionBody),
    ("case.deferred", "A request was granted, and its right opens later", DecisionBody),
    ("case.denied", "A request was denied, and no case was opened", DecisionBody),
    ("case.consent_needed", "A request would cost extra, and waits for consent", DecisionBody),
    ("case.adopted", "A case was taken over that was opened elsewhere", CaseAdoptedBody),
    ("case.event", "An event of a case was recorded", CaseEventBody),
    ("case.severity_refused", "A contact may not raise the severity", SeverityRefusedBody),
    ("case.resolved", "A case was resolved", CaseResolvedBody),
    ("case.reopened", "A case was reopened", CaseBody),
    ("case.cancelled", "A case was cancelled", CaseBody),
    ("clock.warning", "A milestone comes near its deadline", NoticeBody),
    ("clock.breach", "A deadline has passed", NoticeBody),
    ("units.unpaid", "Units were used that nothing pays for", UnitsUnpaidBody),
    ("offer.made", "The work was offered to an agent", WorkBody),
    ("offer.accepted", "An agent has the work", WorkBody),
    ("offer.declined", "An agent declined the offer", WorkBody),
    ("offer.expired", "An agent did not answer the offer in time", WorkBody),
    ("offer.rescinded", "The offer was withdrawn", WorkBody),
    ("work.queued", "The work waits for an offer", WorkBody),
    ("work.parked", "The work waits for its right to open, or for a person", WorkBody),
    ("work.returned", "The work of a silent agent returned to the queue", WorkBody),
    ("work.transferred", "The work was taken from its agent", WorkBody),
    ("work.closed", "The work is done", WorkBody),
    ("work.cancelled", "The work ended without being done", WorkBody),
    ("queue.full", "The queue of a group has no room for the work", QueueFullBody),
    ("item.set_aside", "Something failed, and is tried again later", ItemSetAsideBody),
    *RECORD_TOPICS,
)
MESSAGE_DATA: Final[FrozenMap[str, VersionedData[Any]]] = FrozenMap(
    {name: VersionedData(name, title, body) for name, title, body in _TOPICS}
)
"""What the messages of each topic mean, and their bodies.

>>> MESSAGE_DATA["case.resolved"].title
'A case was resolved'
"""
