from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.adapters.sql.rows.converter import converter
from entitlements.calendars import BusinessDays, BusinessHours, Calendar, Week
from entitlements.contracts.records.changes import BlockEffect
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.routing.offers.lifecycle import (
    AssigneeAction,
    AssigneeActionKind,
    ProcessTimeouts,
    WorkCommand,
)
from entitlements.testing.strategies.calendars import calendars

CONVERTER = converter()
MOMENT = datetime(2026, 3, 1, 9, 0, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "of", "plain"),
    [
        pytest.param(MOMENT, datetime, 1772355600000007, id="instant"),
        pytest.param(date(2026, 3, 1), date, "2026-03-01", id="day"),
        pytest.param(timedelta(microseconds=-3), timedelta, -3, id="amount"),
        pytest.param(Fraction(3, 4), Fraction, "3/4", id="share"),
        pytest.param(MOMENT, date | datetime, {"instant": 1772355600000007}, id="either, instant"),
        pytest.param(date(2026, 3, 1), date | datetime, {"date": "2026-03-01"}, id="either, day"),
        pytest.param(
            BusinessDays(2, anchor="end"),
            timedelta | BusinessDays | None,
            {"kind_of": "business_days", "count": 2, "anchor": "end"},
            id="days",
        ),
        pytest.param(None, timedelta | BusinessDays | None, None, id="none of them"),
        pytest.param(
            ProcessTimeouts(),
            WorkCommand,
            {"kind_of": "process_timeouts"},
            id="a command without fields",
        ),
        pytest.param(
            AssigneeAction("c", AssigneeActionKind.HEARTBEAT, 1),
            WorkCommand,
            {"kind_of": "assignee_action", "id": "c", "action": "heartbeat", "fence": 1},
            id="a command",
        ),
        pytest.param(frozenset("ba"), frozenset[str], ["a", "b"], id="a set, sorted"),
        pytest.param(
            FrozenMap({BlockEffect.ACCESS: 1}),
            FrozenMap[BlockEffect, int],
            {"access": 1},
            id="a map with words for keys",
        ),
    ],
)
def test_values_become_json_and_are_read_back_equal(value: Any, of: Any, plain: Any) -> None:
    written = CONVERTER.unstructure(value, of)
    assert written == plain
    read = CONVERTER.structure(json.loads(json.dumps(written)), of)
    assert (read, type(read)) == (value, type(value))


@given(calendars() | st.sampled_from([Calendar.always(), Calendar.never()]))
def test_business_hours_are_read_back_completely(hours: BusinessHours) -> None:
    for each in (hours, ~hours, hours | Calendar(zone="UTC", week=Week("Mo 09:00-17:00"))):
        text = CONVERTER.unstructure(each, BusinessHours)
        assert CONVERTER.structure(text, BusinessHours) == each


@pytest.mark.parametrize(
    ("plain", "of"),
    [
        pytest.param({"kind_of": "contract"}, WorkCommand, id="a class that may not stand there"),
        pytest.param({"kind_of": "os.system"}, WorkCommand, id="code"),
        pytest.param({"id": "c"}, WorkCommand, id="no kind"),
        pytest.param("heartbeat", WorkCommand, id="a word for a command"),
        pytest.param("nothing", AssigneeActionKind, id="no such word"),
        pytest.param('{"hours": "desk"}', BusinessHours, id="hours by a name"),
        pytest.param('{"hours": {"zone": "Mars"}}', BusinessHours, id="hours of no place"),
        pytest.param([1], FrozenMap[str, int], id="a list for a map"),
    ],
)
def test_unknown_fields_and_kinds_are_refused(plain: Any, of: Any) -> None:
    with pytest.raises((ValueError, TypeError, LookupError)):
        CONVERTER.structure(plain, of)
