"""What pages show about cases, decisions and records of service, read from the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs
from django.utils import timezone

from entitlements.kernel.errors import EntitlementsError, UnknownIdError
from entitlements.ports.records import Case, DecisionRecord
from entitlements.ports.store import UnitOfWork
from entitlements.routing.offers.work_state import WorkState
from entitlements.service.desk import Desk
from entitlements.service.records.recording import RECORD_KINDS
from entitlements.sla.readings.reading import Reading

MAX_ROWS: Final = 500
_PAGES: Final = 20


def _page_zone() -> str | ZoneInfo:
    current = timezone.get_current_timezone()
    return current if isinstance(current, ZoneInfo) else "UTC"


@final
@attrs.frozen(kw_only=True)
class CasePanel:
    """What a page shows about one request.

    Attributes:
        case: Id of the case, which is that of the request.
        outcome: Outcome of the last decision, such as `granted`; empty before there is one.
        explanation: Sentences that explain the decision, one a line.
        deadlines: A reading for each milestone, once a case was opened.
        agent: The agent to whom the work is assigned or offered; None for no agent.
        work: Status of the work, such as `offered`; empty before there is any.
        group: The group whose work it is; empty before there is any.
        paused: Whether a clock stands still.
    """

    case: str
    outcome: str = ""
    explanation: str = ""
    deadlines: Sequence[Reading] = ()
    agent: str | None = None
    work: str = ""
    group: str = ""

    @property
    def paused(self) -> bool:
        """Whether a clock stands still."""
        return any(each.state.value == "paused" for each in self.deadlines)


def case_panel(desk: Desk, case: str, at: datetime | None = None) -> CasePanel:
    """Return what is known about a request at an instant, now by default.

    The explanation has instants in Django's current time zone, as templates do, or in UTC where
    that is a fixed offset. A request about which nothing was decided has an empty panel.

    Raises:
        StorageError: The store failed.
    """
    try:
        answer = desk.explain(case)
    except UnknownIdError:
        return CasePanel(case=case)
    except EntitlementsError as error:
        outcome, explanation = "", str(error)
    else:
        outcome = type(answer.decision).__name__.lower()
        # The record of a decision has no agents; the agent of the work is shown beside it.
        lines = answer.explain(zone=_page_zone()).splitlines()
        explanation = "\n".join(each for each in lines if not each.startswith("Route:"))
    panel = CasePanel(case=case, outcome=outcome, explanation=explanation)
    try:
        deadlines = tuple(desk.clocks(case, at))
    except UnknownIdError:  # denied, so no case was opened
        return panel
    panel = attrs.evolve(panel, deadlines=deadlines)
    return desk.context.query(lambda work: _with_work(panel, work))


def _with_work(panel: CasePanel, work: UnitOfWork) -> CasePanel:
    try:
        item = work.work_items.item(panel.case)
    except UnknownIdError:
        return panel
    return attrs.evolve(
        panel, agent=_agent(item.state), work=item.state.status.value, group=item.group
    )


def _agent(state: WorkState) -> str | None:
    if state.assignee is not None:
        return state.assignee
    return min((each.agent for each in state.leases), default=None)


def cases(desk: Desk) -> list[Case]:
    """Return the tenant's cases, the latest first, at most 500."""

    def read(work: UnitOfWork) -> list[Case]:
        found = [each for name in work.accounts.customers() for each in work.cases.of(name)]
        return sorted(found, key=lambda each: each.opened, reverse=True)[:MAX_ROWS]

    return desk.context.query(read)


def latest_records(work: UnitOfWork) -> list[DecisionRecord]:
    """Return the links that seal what was recorded last, the latest first, at most 500.

    They are looked for among the last 10,000 links of the chain.
    """
    found: list[DecisionRecord] = []
    end = work.decisions.head().number
    for _ in range(_PAGES):
        first = max(end - MAX_ROWS, 0)
        links = work.decisions.links(first, end - first) if end else ()
        found += (each for each in reversed(links) if each.kind in RECORD_KINDS)
        end = first
        if len(found) >= MAX_ROWS or not end:
            break
    return found[:MAX_ROWS]
