from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from entitlements.aftersales import Complaint, Outage, Survey
from entitlements.billing import WorkLog
from entitlements.kernel import InvalidValueError, utc
from entitlements.ports import RecordFilter, RecordKind, ServiceRecord
from entitlements.ports.service_records.service_record import (
    VALUE_CLASSES,
    known_record,
    record_place,
    survey_id,
)

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
LOG = WorkLog(id="W-1", case="R-1", agent="ada", start=NINE, end=NINE + HOUR)
QUERY = Complaint(id="Q-1", customer="acme", case="R-2", received=NINE)


def test_each_kind_has_a_class_of_its_own() -> None:
    assert {*VALUE_CLASSES} == {*RecordKind}
    assert len({*VALUE_CLASSES.values()}) == len(RecordKind)


@pytest.mark.parametrize(
    ("value", "fields", "message"),
    [
        ("x", {}, "not what a service record holds"),
        (QUERY, {"customer": "other"}, "`customer` of complaint `Q-1`"),
        (attrs.evolve(LOG, recorded=NINE + HOUR), {}, "`recorded` of work_log `W-1`"),
        (LOG, {"retracted": True}, "`retracted` of work_log `W-1`"),
        (QUERY, {"revision": 0}, "revision must be at least 1"),
    ],
)
def test_a_record_and_its_value_agree(
    value: object, fields: dict[str, object], message: str
) -> None:
    stated = {"value": value, "customer": "acme", "recorded": NINE} | fields
    with pytest.raises(InvalidValueError, match=message):
        ServiceRecord(**stated)  # type: ignore[arg-type]


def test_a_filter_wants_what_fits_all_of_it() -> None:
    record = ServiceRecord(value=QUERY, customer="acme", recorded=NINE)
    wanted: list[dict[str, object]] = [
        {},
        {"customer": "acme"},
        {"case": "R-2"},
        {"since": NINE},
        {"until": NINE + HOUR},
    ]
    unwanted: list[dict[str, object]] = [
        {"kind": "survey"},
        {"customer": "other"},
        {"case": "R-1"},
        {"since": NINE + HOUR},
        {"until": NINE},
    ]
    for fields, expected in [(wanted, True), (unwanted, False)]:
        for each in fields:
            stated: dict[str, object] = {"kind": "complaint", **each}
            assert RecordFilter(**stated).fits(record) is expected  # type: ignore[arg-type]


def test_what_was_known_at_an_instant_is_the_last_record_until_then() -> None:
    down = Outage(id="O-1", service="db", start=NINE)
    over = attrs.evolve(down, end=NINE + HOUR)
    records = [
        ServiceRecord(value=down, recorded=NINE),
        ServiceRecord(value=over, recorded=NINE + HOUR, revision=2),
    ]
    assert known_record(records, None) is records[1]
    assert known_record(records, NINE + HOUR) is records[1]
    assert known_record(records, NINE + HOUR / 2) is records[0]
    assert known_record(records, NINE - HOUR) is None


def test_a_survey_is_named_by_its_case_and_kind() -> None:
    csat, nps = (
        ServiceRecord(value=Survey(case="R-1", kind=kind, asked=NINE), recorded=NINE)
        for kind in ("csat", "nps")
    )
    assert csat.id == survey_id("R-1", "csat") != nps.id == survey_id("R-1", "nps")


def test_the_place_of_a_record_is_an_instant_and_an_id() -> None:
    assert record_place(None) is None
    assert record_place((5, "R-1")) == (5, "R-1")
    for nonsense in ((5,), ("x", "R-1"), (5, "")):
        with pytest.raises(InvalidValueError):
            record_place(nonsense)  # type: ignore[arg-type]
