from __future__ import annotations

from pathlib import Path

import pytest

from entitlements.aftersales import Complaint, MaintenanceWindow, Outage, Survey
from entitlements.documents import (
    parse_documents,
    parse_facts,
    read_documents,
    write_facts,
)
from entitlements.engine import Facts
from entitlements.kernel.errors import DocumentError

TEXT = """
products: db
outages: [{id: O-1, service: db, start: 2026-03-02T09:00Z}]
maintenance: [{id: M-1, start: 2026-03-03T01:00Z, end: 2026-03-03T03:00Z}]
surveys: [{case: R-1, kind: csat, asked: 2026-03-02T09:00Z, customer: acme}]
complaints:
  - {id: B-1, customer: acme, received: 2026-03-02T09:00Z, answered: 2026-03-03T09:00Z,
     is_upheld: true, cause: too slow}
notices:
  - sent: 2026-11-01T09:00Z
    notice: {kind: expiry, customer: acme, subject: C-1, effective: 2026-12-31,
             send_by: 2026-12-01, because: [it ends]}
"""


def test_records_are_read_beside_the_facts_and_written_again(tmp_path: Path) -> None:
    found = parse_documents(TEXT)
    kinds = [type(each) for each in found.records[:4]]
    assert kinds == [Outage, MaintenanceWindow, Survey, Complaint]
    assert len(found.records) == 5
    assert found.facts == parse_facts(TEXT) == parse_facts("products: db")
    for format in ("yaml", "json"):
        path = tmp_path / f"all.{format}"
        path.write_text(write_facts(found.facts, records=found.records, format=format))  # type: ignore[arg-type]
        assert read_documents(path) == found
    assert write_facts(Facts()) == "schema_version: 1\n"


SURVEY = "{case: R-1, kind: csat, asked: 2026-03-02T09:00Z}"
OUTAGE = "{id: O-1, service: db, start: 2026-03-02T09:00Z}"
BACK = "received: 2026-03-02T09:00Z, acknowledged: 2026-03-01T09:00Z"
TIMES = "asked: 2026-03-02T09:00Z, answered: 2026-03-02T10:00Z"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "outages: [{id: O-1, service: db, start: 2026-03-02T09:00Z, end: 2026-03-02T08:00Z}]",
            "outages[0].end: outage `O-1` ends",
        ),
        (
            "maintenance: [{id: M-1, start: 2026-03-02T09:00Z, end: 2026-03-02T09:00Z}]",
            "maintenance[0].end: maintenance `M-1` ends",
        ),
        (
            f"surveys: [{{case: R-1, kind: csat, {TIMES}, score: 6}}]",
            "surveys[0].score: score `6` is not on the scale from 1 to 5",
        ),
        (
            f"surveys: [{{case: R-1, kind: csat, {TIMES}}}]",
            "surveys[0]: an answer has a score and an instant",
        ),
        (
            f"surveys: [{SURVEY},\n {SURVEY}]",
            "<text>:2: surveys[1]: `csat R-1` is recorded twice",
        ),
        (
            f"complaints: [{{id: B-1, customer: acme, {BACK}}}]",
            "complaints[0]: complaint `B-1` goes from",
        ),
        (
            f"outages: [{OUTAGE}, {OUTAGE}]",
            "outages[1].id: two outages have the name `O-1`",
        ),
        ("outages: [{id: O-1, service: db, start: 2026-03-02T09:00}]", "outages[0].start"),
    ],
)
def test_a_record_that_cannot_be_is_a_problem_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_facts(text)
    assert problem in "\n".join(caught.value.problems)
