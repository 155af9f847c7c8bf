from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from entitlements.calendars import Anchor, BusinessDays
from entitlements.documents.plans.written_targets import (
    TargetWriter,
    calendars_of,
    common_anchor,
    common_cut_off,
    common_warnings,
    shortest,
    with_keys_first,
)
from entitlements.documents.sections.targets import TARGET
from entitlements.documents.shapes.scalars import WriteContext
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla import Target

HOUR = timedelta(hours=1)


def target(within: Any, **others: Any) -> Target:
    return Target(**{"milestone": "update", "within": within, **others})


def written(*targets: Target, hours: str | None = None, **options: Any) -> dict[str, Any]:
    options.setdefault("anchor", Anchor.END)
    return TargetWriter(TARGET, WriteContext(), hours, **options).write(targets)


def test_one_severity_a_target_is_a_table_and_no_severity_an_amount_alone() -> None:
    one = written(target(HOUR, severities=["S1"]), target(None, severities=["S2"]))
    assert one == {"update": {"S1": "1h", "S2": "none"}}
    assert written(target(HOUR)) == {"update": "1h"}
    both = written(target(HOUR, channels=["web"]), target(2 * HOUR))
    assert both == {"update": ["1h by web", "2h"]}


def test_several_targets_of_a_severity_are_a_list() -> None:
    two = written(
        target(HOUR, severities=["S1"], channels=["web"]), target(None, severities=["S1"])
    )
    assert two == {"update": {"S1": ["1h by web", "none"]}}


@pytest.mark.parametrize(
    ("targets", "milestones"),
    [
        ([target(HOUR, severities=["S1", "S2"])], ["update"]),
        ([target(HOUR, severities=["S1"]), target(HOUR)], ["update", "update"]),
        ([target(HOUR, severities=[each]) for each in ("S1", "S2", "S1")], ["update"] * 3),
        ([target(HOUR, severities=["within"])], ["update"]),
        ([target(HOUR, milestone="rights")], ["rights"]),
        ([target(HOUR, milestone=each) for each in ("a", "b", "a")], ["a", "b", "a"]),
    ],
)
def test_what_does_not_fit_in_a_table_is_listed(
    targets: list[Target], milestones: list[str]
) -> None:
    found = written(*targets, reserved=frozenset({"rights"}))
    assert [each["milestone"] for each in found["targets"]] == milestones


def test_tables_come_first_and_the_list_keeps_the_order_of_the_rest() -> None:
    found = written(
        target(HOUR, milestone="first_response"),
        target(HOUR, severities=["S1", "S2"]),
        target(HOUR, milestone="resolution"),
    )
    assert list(found) == ["first_response", "targets"]
    assert [each["milestone"] for each in found["targets"]] == ["update", "resolution"]


def test_the_calendar_of_the_plan_is_not_repeated() -> None:
    targets = [target(HOUR, calendar=name, severities=[str(name)]) for name in ("a", "b", None)]
    assert written(*targets, hours="a") == {"update": {"a": "1h", "b": "1h b", "None": "1h always"}}
    assert written(*targets) == {"update": {"a": "1h a", "b": "1h b", "None": "1h"}}


def test_another_anchor_and_a_name_like_an_amount_are_written_as_keys() -> None:
    start = BusinessDays(2, anchor=Anchor.START)
    assert written(target(start, calendar="a")) == {
        "update": {"within": {"business_days": 2, "anchor": "start"}, "calendar": "a"}
    }
    assert written(target(HOUR, calendar="30m", commitment="objective")) == {
        "update": {"within": "1h", "calendar": "30m", "commitment": "objective"}
    }


def test_the_cut_off_of_the_plan_is_not_repeated() -> None:
    cut = target(HOUR, milestone="resolution", calendar="a", cut_off="15:00")
    assert common_cut_off([cut, target(HOUR, calendar="a")], "a") == "15:00"
    assert common_cut_off([cut, target(HOUR, milestone="resolution", calendar="a")], "a") is None
    assert written(cut, hours="a", cut_off="15:00") == {"resolution": "1h"}
    assert written(cut) == {"resolution": {"within": "1h a", "cut_off": "15:00"}}


def test_channels_conditions_and_warnings_are_behind_the_amount() -> None:
    whole = target(HOUR, channels=["web", "chat"], conditions=["asked"], warn=["1/2", HOUR / 4])
    assert written(whole) == {"update": "1h by chat or web if asked warn at 50% and 15m"}
    named = target(HOUR, channels=["by phone", "a or b"], conditions=["asked"])
    assert written(named) == {
        "update": {"within": "1h", "channels": ["a or b", "by phone"], "conditions": ["asked"]}
    }


def test_the_warnings_of_the_plan_are_not_repeated() -> None:
    same = [target(HOUR, warn=["3/4"]), target(None)]
    assert common_warnings(same) == (Fraction(3, 4),)
    assert common_warnings([*same, target(HOUR)]) == ()
    assert written(*same, warn=(Fraction(3, 4),)) == {"update": ["1h", "none"]}


def test_the_word_for_around_the_clock_is_no_calendar() -> None:
    with pytest.raises(InvalidValueError, match="another meaning"):
        written(target(HOUR), hours="a", always_is_a_name=True)
    named = written(target(HOUR, calendar="always"), always_is_a_name=True)
    assert named == {"update": "1h always"}


def test_the_shortest_form_that_is_possible_is_chosen() -> None:
    def write(hours: str | None) -> dict[str, Any]:
        if hours is None:
            raise InvalidValueError("impossible")
        return {"hours": hours}

    assert shortest([None, "long", "a"], write) == {"hours": "a"}
    with pytest.raises(InvalidValueError, match="impossible"):
        shortest([None], write)


def test_the_anchor_that_most_business_days_have() -> None:
    ends = [target(BusinessDays(1, anchor="end"), calendar="a")] * 2  # type: ignore[arg-type]
    other = target(BusinessDays(1, anchor="start"), calendar="b")  # type: ignore[arg-type]
    assert common_anchor([other, *ends]) is Anchor.END
    assert common_anchor([target(HOUR)]) is None
    assert calendars_of([other, *ends]) == [None, "b", "a"]


def test_keys_may_come_first() -> None:
    assert list(with_keys_first({"a": 1, "b": 2, "c": 3}, ["c", "x"])) == ["c", "a", "b"]
