"""Clock options, their defaults and conversion."""

from __future__ import annotations

import attrs
import pytest

from entitlements.calendars import Landing
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla import ClockOptions
from entitlements.sla.options.clock_options import ClockStart, ReopenRule


def test_each_option_defaults_to_the_first_of_its_values() -> None:
    for field in attrs.fields(ClockOptions):
        value = getattr(ClockOptions(), field.name)
        if hasattr(type(value), "__members__"):
            assert value is next(iter(type(value))), field.name


def test_text_is_converted_to_options() -> None:
    options = ClockOptions(reopen="new_cycle", paused_by={"resolution": ["customer"]})
    assert options.reopen is ReopenRule.NEW_CYCLE
    assert options.paused_by["resolution"] == {"customer"}
    assert hash(options) == hash(
        ClockOptions(reopen="new_cycle", paused_by={"resolution": "customer"})
    )


def test_an_unknown_value_is_refused() -> None:
    with pytest.raises(ValueError, match="sometimes"):
        ClockOptions(reopen="sometimes")


@pytest.mark.parametrize(
    "wrong", [{"start": ClockStart.EVENT}, {"start_event": "triaged"}], ids=["no name", "no use"]
)
def test_a_start_event_needs_the_start_by_event(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError, match="start_event"):
        ClockOptions(**wrong)  # type: ignore[arg-type]


def test_a_deadline_does_not_land_at_an_earlier_closing() -> None:
    with pytest.raises(InvalidValueError, match="`landing` of a deadline"):
        ClockOptions(landing=Landing.PREVIOUS_CLOSING)


def test_an_option_as_text_is_converted_or_refused() -> None:
    assert ClockOptions(reopen="exclude") == ClockOptions(reopen=ReopenRule.EXCLUDE)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="`exclud` is not a known reopen"):
        ClockOptions(reopen="exclud")  # type: ignore[arg-type]
