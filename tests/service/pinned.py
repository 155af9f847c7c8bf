"""Pinned rows: everything that a day of commands leaves in the tables, as it is stored.

Later versions must read these rows, repeat these replies and verify this chain. What is stored on
purpose in another form is pinned again:

    python -m tests.service.pinned
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
from sqlalchemy import insert, select
from tests.databases import with_tables
from tests.service.desks import MINUTE, MONDAY, TENANT, desk, request, settle

from entitlements.adapters.sql import SqlStore
from entitlements.aftersales import Complaint, MaintenanceWindow, Notice, Outage
from entitlements.billing import WorkLog
from entitlements.contracts import Asset, Grant, Issue
from entitlements.routing import AssignmentOverride
from entitlements.service import (
    AcceptOffer,
    AcknowledgeNotice,
    AdmitRequest,
    AdoptCase,
    AnswerSurvey,
    CancelCase,
    CorrectWork,
    DeclineOffer,
    DeskCommand,
    LogWork,
    OfferCase,
    PlanMaintenance,
    RecordComplaint,
    RecordEvent,
    RecordOutage,
    ReopenCase,
    Reply,
    RequestSurvey,
    ResolveCase,
    RetractRecord,
    SendNotice,
    TransferCase,
)
from entitlements.sla import Event

ROWS: Final = Path(__file__).with_name("pinned.json")
Rows = dict[str, list[dict[str, Any]]]
LATER: Final = MONDAY + MINUTE

_EVENING: Final = MONDAY + timedelta(hours=9)
_WORK: Final = WorkLog(id="W-1", case="T-2", agent="ada", start=MONDAY, end=LATER)
_COMPLAINT: Final = Complaint(id="B-1", customer="flat", case="T-2", received=MONDAY)
_NOTICE: Final = Notice(
    kind="expiry",
    customer="flat",
    subject="C-flat",
    effective=date(2026, 12, 31),
    send_by=date(2026, 12, 1),
    clause="7",
    zone="Europe/Berlin",
    because=["contract `C-flat` ends with 2026-12-31"],
)

COMMANDS: Final[tuple[DeskCommand, ...]] = (
    *(
        AdmitRequest(id=f"a{number}", request=request(f"R-{number}", customer))
        for number, customer in enumerate(
            ("flat", "daytime", "single", "single", "opening", "minutes", "asking", "nobody")
        )
    ),
    AdmitRequest(
        id="a8",
        request=request(
            "R-8", "flat", severity="S9", conditions={"x", "y"}, skills={"sql": 2}, asset="A-1"
        ),
    ),
    OfferCase(
        id="o0",
        case="R-0",
        agents=["ada", "bob"],
        override=AssignmentOverride(by="grace", reason="both may"),
    ),
    AcceptOffer(id="s1", case="R-0", agent="bob", fence=2),
    OfferCase(id="s2", case="R-5", agents=["ada"]),
    DeclineOffer(id="s3", case="R-5", agent="ada", fence=1, reason="lunch"),
    TransferCase(id="s4", case="R-0", fence=2),
    RecordEvent(id="s5", case="R-4", event=Event.paused(LATER, "customer")),
    RecordEvent(id="s6", case="R-4", event=Event.responded(LATER)),
    ResolveCase(id="s7", case="R-5", used=45, by="bob"),
    ReopenCase(id="s8", case="R-5"),
    CancelCase(id="s9", case="R-4"),
    AdmitRequest(id="a9", request=request("R-9", "opening", follows="R-4")),
    AdoptCase(
        id="t1",
        request=request("T-1"),
        events=[Event.opened(MONDAY, severity="S1", channel="phone"), Event.responded(LATER)],
        contract="C-flat",
        line="1",
        group="experts",
        by="lee",
        origin="zendesk 4711",
    ),
    OfferCase(id="t2", case="T-1"),
    AdoptCase(
        id="t3",
        request=request("T-2"),
        events=[
            Event.opened(MONDAY, severity="S1", channel="phone"),
            Event.responded(LATER),
            Event.resolved(LATER),
        ],
        contract="C-flat",
        line="1",
        group="experts",
    ),
    LogWork(id="r1", log=_WORK),
    CorrectWork(id="r2", log=attrs.evolve(_WORK, end=MONDAY + 2 * MINUTE)),
    RecordOutage(id="r3", outage=Outage(id="O-1", service="db", start=MONDAY)),
    RecordOutage(id="r4", outage=Outage(id="O-1", service="db", start=MONDAY, end=LATER)),
    PlanMaintenance(id="r5", window=MaintenanceWindow(id="M-1", start=LATER, end=_EVENING)),
    RetractRecord(id="r6", of="maintenance", record="M-1"),
    RequestSurvey(id="r7", case="T-2"),
    AnswerSurvey(id="r8", case="T-2", score=4),
    RecordComplaint(id="r9", complaint=_COMPLAINT),
    RecordComplaint(
        id="u1", complaint=attrs.evolve(_COMPLAINT, answered=LATER, is_upheld=True, cause="slow")
    ),
    SendNotice(id="u2", notice=_NOTICE),
    AcknowledgeNotice(id="u3", notice=_NOTICE.id),
)


def carry_out(store: SqlStore) -> list[Reply]:
    """Carry out the day in an empty store, and return the replies."""
    settle(store)
    with store.begin(TENANT) as work:
        work.accounts.add("flat", Asset(id="A-1", product="db", groups={"g"}), at=MONDAY)
        grant = Grant(id="extra", unit="incidents", amount=2, effective=MONDAY)
        ledger = work.ledger.ledger("flat").post(Issue(grant=grant), MONDAY).ledger
        work.ledger.append("flat", ledger.entries, 0)
        work.group_leases.take("experts", "worker", MONDAY, LATER)
        work.commit()
    at_desk = desk(store)
    replies = [
        at_desk.execute(each, MONDAY + timedelta(seconds=10 * number))
        for number, each in enumerate(COMMANDS)
    ]
    at_desk.process_due(MONDAY + timedelta(days=1))
    return replies


def rows_of(store: SqlStore) -> Rows:
    """Return all rows of all tables."""
    found: Rows = {}
    with store.engine.connect() as connection:
        for table in store.tables.metadata.sorted_tables:
            ordered = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(ordered).mappings()]
    return found


def put(store: SqlStore, rows: Rows) -> None:
    """Insert the rows into the empty tables of a store."""
    with store.engine.begin() as connection:
        for table in store.tables.metadata.sorted_tables:
            if rows[table.name]:
                connection.execute(insert(table), rows[table.name])


def main() -> None:
    """Pin what is stored today."""
    with with_tables("sqlite://") as store:
        carry_out(store)
        found = rows_of(store)
    tables = ",\n".join(f"{json.dumps(name)}: [\n{_lines(found[name])}\n]" for name in found)
    ROWS.write_text(f"{{\n{tables}\n}}\n", encoding="utf-8")


def _lines(rows: list[dict[str, Any]]) -> str:
    """Return a row a line, so that a change shows which rows have changed."""
    return ",\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)


if __name__ == "__main__":
    main()
