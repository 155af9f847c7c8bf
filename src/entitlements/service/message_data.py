"""Bodies of messages by topic: the classes whose fields are their keys.

A body that is registered here is shown by `entitlements schema messages`. A body has no version of
its own: the envelope of a message names its schema, with the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.kernel.data.versioned import VersionedData
from entitlements.sla.case_history.events import EventKind


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


MESSAGE_DATA: Final[Mapping[str, VersionedData[Any]]] = {
    "case.cancelled": VersionedData("case.cancelled", "A case was cancelled", CaseBody),
    "case.event": VersionedData("case.event", "An event of a case was recorded", CaseEventBody),
    "case.reopened": VersionedData("case.reopened", "A case was reopened", CaseBody),
    "case.resolved": VersionedData("case.resolved", "A case was resolved", CaseResolvedBody),
}
"""The body of each topic; topics that are not listed have no schema yet."""
