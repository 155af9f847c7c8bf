"""Data of an assessment: the answer as other programs store and send it, with its schema."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

import attrs

from entitlements.access.decision_data import DecisionData
from entitlements.access.promise import Charge, Obligation
from entitlements.contracts.ledger.entries import Reserve
from entitlements.engine.request_price import RequestPrice
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.requests import Request
from entitlements.routing.answers.answer_data import RouteData
from entitlements.sla.readings.data import ReadingData


@final
@attrs.frozen(kw_only=True)
class AssessmentData:
    """The whole answer to one request at one instant.

    Attributes:
        request: The request that was assessed.
        at: The instant of the assessment.
        decision: Whether the contract gives access, and how, with everything that explains it.
        milestones: The milestones at the opening, in the policy's order; empty for a denial.
        agent: The agent who takes the work; null if no agent can then, and for a denial.
        route: Who takes the work, and why no other agent does; null for a denial.
        charge: How it is paid for, as in the decision; null for a denial.
        price: What the work costs by the hour; null for nothing, for a denial, and without prices.
        obligations: What must be observed while the case is worked on, as in the decision.
        entries: Proposed commands to the account's ledger; they have not been posted.
    """

    request: Request
    at: datetime
    decision: DecisionData
    milestones: tuple[ReadingData, ...]
    agent: str | None
    route: RouteData | None
    charge: Charge | None
    price: RequestPrice | None = None
    obligations: tuple[Obligation, ...]
    entries: tuple[Reserve, ...]


ANSWER_DATA: Final = VersionedData("answer", "The answer to a request", AssessmentData)
"""The data of an answer, with the version of its schema."""
