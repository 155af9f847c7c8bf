from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.interchange import read_openslo, write_openslo
from entitlements.kernel import InvalidValueError
from entitlements.outcomes import ObjectiveWindow, ServiceObjective, WindowUnit

# The example `timeslices-slo.yaml` of the OpenSLO repository, as a YAML parser gives it. It says
# `1m` for a month; in the specification that is a minute, and so it is read.
EXAMPLE: dict[str, Any] = {
    "apiVersion": "openslo/v1",
    "kind": "SLO",
    "metadata": {"name": "service-availability", "displayName": "our availability"},
    "spec": {
        "description": "above our SLA",
        "service": "web-availability",
        "indicator": {"metadata": {"name": "web-availability"}},
        "timeWindow": [
            {
                "duration": "1m",
                "isRolling": False,
                "calendar": {
                    "startTime": datetime(2022, 1, 1, 12),  # noqa: DTZ001 - YAML's wall time
                    "timeZone": "America/New_York",
                },
            }
        ],
        "budgetingMethod": "Timeslices",
        "objectives": [
            {
                "displayName": "Internal objective",
                "op": "gt",
                "target": 0.995,
                "timeSliceTarget": 0.99,
                "timeSliceWindow": "1m",
            },
            {
                "displayName": "SLA",
                "target": 0.99,
                "timeSliceTarget": 0.99,
                "timeSliceWindow": "1m",
            },
        ],
        "alertPolicies": None,
    },
}


def test_a_published_example_is_read_and_its_losses_are_named() -> None:
    found = read_openslo(EXAMPLE)
    assert [(each.id, each.percent) for each in found.objectives] == [
        ("service-availability-1", Fraction(995, 10)),
        ("service-availability-2", Fraction(99)),
    ]
    window = found.objectives[0].window
    assert (window.count, window.unit, window.zone) == (1, WindowUnit.MINUTES, "America/New_York")
    assert {each.path for each in found.lost} == {
        "spec.indicator",
        "spec.alertPolicies",
        "spec.description",
        "metadata.displayName",
        "spec.objectives[0].displayName",
        "spec.objectives[0].op",
        *(
            f"spec.objectives[{n}].{key}"
            for n in (0, 1)
            for key in ("timeSliceTarget", "timeSliceWindow")
        ),
        "spec.objectives[1].displayName",
    }


def test_occurrences_are_not_time() -> None:
    counted = EXAMPLE | {"spec": EXAMPLE["spec"] | {"budgetingMethod": "Occurrences"}}
    assert "spec.budgetingMethod" in {each.path for each in read_openslo(counted).lost}


fixed = st.sampled_from(["minutes", "hours", "days", "weeks"])
longer = st.sampled_from([each.value for each in WindowUnit])
starts = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - wall time
    lambda each: each.replace(microsecond=0)
)
windows = st.one_of(
    st.builds(ObjectiveWindow, count=st.integers(1, 99), unit=fixed),
    st.builds(
        ObjectiveWindow,
        count=st.integers(1, 99),
        unit=longer,
        starts=starts,
        zone=st.sampled_from(["UTC", "Asia/Tokyo"]),
    ),
)


@given(windows, st.integers(0, 99_999))
def test_what_is_written_is_read_again(window: ObjectiveWindow, thousandths: int) -> None:
    percent = Fraction(thousandths, 1000)
    objective = ServiceObjective(id="up", service="db", percent=percent, window=window)
    found = read_openslo(write_openslo(objective))
    assert found.objectives == (objective,)
    assert [each.path for each in found.lost] == ["spec.objectives[0].displayName"]


def test_a_third_is_no_number_that_can_be_written() -> None:
    third = ServiceObjective(
        id="up",
        service="db",
        percent=Fraction(200, 3),
        window=ObjectiveWindow(unit="days"),  # type: ignore[arg-type]
    )
    with pytest.raises(InvalidValueError, match="no decimal number"):
        write_openslo(third)


AT_AN_OFFSET = {"startTime": "2026-01-01 00:00:00+02:00", "timeZone": "Europe/Berlin"}


def changed(**spec: Any) -> dict[str, Any]:
    return EXAMPLE | {"spec": EXAMPLE["spec"] | spec}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([], ""),
        (EXAMPLE | {"apiVersion": "openslo/v2alpha"}, "apiVersion"),
        (EXAMPLE | {"kind": "SLI"}, "kind"),
        (EXAMPLE | {"spec": None}, "spec"),
        (EXAMPLE | {"metadata": {"name": 7}}, "metadata.name"),
        (changed(service=None), "spec.service"),
        (changed(timeWindow=[]), "spec.timeWindow"),
        (changed(timeWindow=[{"duration": "1x"}]), "spec.timeWindow[0].duration"),
        (changed(timeWindow=[{"duration": "1M", "isRolling": True}]), "spec.timeWindow[0].unit"),
        (
            changed(timeWindow=[{"duration": "1M", "isRolling": False}]),
            "spec.timeWindow[0].calendar",
        ),
        (
            changed(
                timeWindow=[{"duration": "1M", "calendar": {"startTime": "x", "timeZone": "UTC"}}]
            ),
            "spec.timeWindow[0].calendar.startTime",
        ),
        (
            changed(timeWindow=[{"duration": "1M", "calendar": AT_AN_OFFSET}]),
            "spec.timeWindow[0].calendar.startTime",
        ),
        (changed(objectives=[]), "spec.objectives"),
        (changed(objectives=[{}]), "spec.objectives[0]"),
        (changed(objectives=[{"target": 1, "targetPercent": 5}]), "spec.objectives[0]"),
        (changed(objectives=[{"target": True}]), "spec.objectives[0].target"),
        (changed(objectives=[{"target": "often"}]), "spec.objectives[0].target"),
        (changed(objectives=[{"target": 1}]), "spec.objectives[0].percent"),
    ],
)
def test_what_is_no_objective_is_refused_with_its_place(data: Any, path: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        read_openslo(data)
    assert refused.value.path == path
