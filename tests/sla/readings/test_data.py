"""Readings and measurements as data: read back, fit for their schema, and refused if they lie."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.sla import Event, History, Measurement, Reading, SlaPolicy, Target, measure
from entitlements.sla.readings.data import MEASUREMENT_DATA, READING_DATA, reading_data
from entitlements.testing.strategies import sla as draw

FITS = Draft202012Validator(MEASUREMENT_DATA.schema())
READING_FITS = Draft202012Validator(READING_DATA.schema())
FIXTURES = sorted((Path(__file__).parent / "fixtures" / "v1").glob("*.json"))
DAY = Target(milestone="resolution", within=timedelta(hours=24), warn=[0.5])
OPENED = Event.opened("2026-03-02T09:00Z")
PAUSED = Event.paused("2026-03-02T10:00Z", "customer")


def measured(*events: Event, at: str = "2026-03-02T12:00Z") -> Measurement:
    return measure(SlaPolicy(id="p", targets=[DAY]), History([OPENED, *events]), utc(at))


@given(draw.policies(), draw.policies("silver"), draw.histories(), draw.instants(400))
def test_any_measurement_is_read_back_and_fits_its_schema(
    policy: SlaPolicy, other: SlaPolicy, history: History, at: datetime
) -> None:
    found = measure(policy, history, at, others=[other])
    text = json.dumps(found.to_dict())
    again = Measurement.from_dict(json.loads(text))
    assert again == found
    assert json.dumps(again.to_dict()) == text
    FITS.validate(json.loads(text))
    for reading, same in zip(found, again, strict=True):
        assert same.explain()[0] == reading.explain()[0]
        assert (same.warnings, same.paused) == (reading.warnings, reading.paused)
        assert Reading.from_dict(reading.to_dict()) == reading


def test_a_reading_states_amounts_in_microseconds_and_instants_in_utc() -> None:
    data = measured()["resolution"].to_dict()
    READING_FITS.validate(data)
    assert data["due"] == "2026-03-03T09:00:00Z"
    assert (data["elapsed_micros"], data["within_micros"]) == (10_800_000_000, 86_400_000_000)
    assert data["warnings"] == [
        {
            "at": "2026-03-02T21:00:00Z",
            "used_micros": 43_200_000_000,
            "left_micros": 43_200_000_000,
        }
    ]


def test_a_paused_reading_from_data_knows_its_deadline_for_its_own_instant() -> None:
    paused = measured(PAUSED)["resolution"]
    again = Reading.from_dict(paused.to_dict())
    assert again.due_if_resumed_at(utc("2026-03-02T12:00Z")) == utc("2026-03-03T11:00Z")
    with pytest.raises(InvalidValueError, match="made from data"):
        again.due_if_resumed_at(utc("2026-03-02T13:00Z"))
    with pytest.raises(InvalidValueError, match="made from data"):
        again.trace()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("breached_at", "2026-03-03T09:00:00Z"),
        ("remaining_micros", 5),
        ("next_change", None),
        ("state", "missed"),
    ],
)
def test_keys_that_contradict_each_other_are_refused_by_name(key: str, value: Any) -> None:
    data = measured().to_dict()
    data["milestones"][0][key] = value
    with pytest.raises(InvalidValueError, match=r"milestones\[0\]\.\w+: .*contradicts"):
        Measurement.from_dict(data)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=9)])
def test_a_clock_that_runs_after_its_deadline_is_refused(late: timedelta) -> None:
    data = measured().to_dict()
    reading = data["milestones"][0]
    reading["at"] = f"{datetime.fromisoformat(reading['due']) + late:%FT%TZ}"
    with pytest.raises(InvalidValueError, match=r"milestones\[0\]\.due: .*after its instant"):
        Measurement.from_dict(data)


def test_a_measurement_that_contradicts_its_milestones_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="contradict"):
        Measurement.from_dict({**measured().to_dict(), "next_change": None})


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_measurement_that_was_written_under_version_1_reads_for_ever(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    found = Measurement.from_dict(data).to_dict()
    assert {key: found[key] for key in ("policy", "at", "status")} == {
        key: data[key] for key in ("policy", "at", "status")
    }
    FITS.validate(found)


def test_there_is_a_fixture_of_each_state() -> None:
    states = {path.stem.removeprefix("measurement-") for path in FIXTURES}
    assert states >= {"running", "paused", "met", "missed", "rejected"}
    assert MEASUREMENT_DATA.version == 1, "keep fixtures of the new version in another folder"


def test_the_data_of_a_reading_is_a_value() -> None:
    reading = measured()["resolution"]
    named = {
        each: getattr(reading.data, each)
        for each in ("milestone", "due_if_resumed", "within", "business_days")
    }
    assert reading_data(reading, **named) == reading.data
