"""SLA policies and their versions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.calendars import Calendar
from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    NotCoveredError,
    UnknownIdError,
)
from entitlements.kernel.instants import utc
from entitlements.sla import (
    ClockOptions,
    Event,
    History,
    PolicyVersions,
    SlaPolicy,
    Target,
    measure,
)

HOUR = timedelta(hours=1)
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", name="desk")
FIRST = Target(milestone="first_response", within=HOUR, calendar="desk", severities=["S1"])


def test_a_target_names_a_calendar_of_the_policy() -> None:
    with pytest.raises(UnknownIdError, match="no calendar has the id `desk`") as caught:
        SlaPolicy(id="p", targets=[FIRST], calendars={"dusk": DESK})
    assert caught.value.path == "targets[0].calendar"
    assert caught.value.hint == "did you mean `dusk`?"


def test_a_policy_has_a_target() -> None:
    with pytest.raises(InvalidValueError, match="has no target"):
        SlaPolicy(id="p", targets=[])


def test_all_targets_of_a_milestone_start_alike() -> None:
    with pytest.raises(InvalidValueError, match="start or recur differently"):
        SlaPolicy(
            id="p",
            targets=[
                Target(milestone="on_site", within=HOUR),
                Target(milestone="on_site", within=HOUR, starts_on="dispatched"),
            ],
        )


def test_calendar_names_are_bound_to_other_hours() -> None:
    policy = SlaPolicy(id="p", targets=[FIRST], calendars={"desk": DESK})
    boston = Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00")
    moved = policy.with_calendars({"desk": boston})
    history = History([Event.opened("2026-03-02T10:00Z", severity="S1")])
    at = utc("2026-03-02T10:00Z")
    assert measure(policy, history, at)["first_response"].due == utc("2026-03-02T11:00Z")
    assert measure(moved, history, at)["first_response"].due == utc("2026-03-02T15:00Z")
    assert policy.calendars["desk"] == DESK
    assert policy.fingerprint != moved.fingerprint
    with pytest.raises(UnknownIdError, match="no calendar has the id `office`"):
        policy.with_calendars({"office": boston})


def test_a_severity_without_a_first_response_is_named_and_refused() -> None:
    phone = Target(milestone="first_response", within=HOUR, severities=["S2"], channels=["phone"])
    none = Target(milestone="first_response", within=None, severities=["S3"])
    policy = SlaPolicy(id="p", targets=[FIRST, phone, none], calendars={"desk": DESK})
    assert policy.missing(["S1", "S2", "S3", "S4"]) == ("S2", "S4")
    assert policy.severities == ("S1", "S2", "S3")
    history = History([Event.opened("2026-03-02T10:00Z", severity="S4")])
    with pytest.raises(UnknownIdError, match="no severity with a `first_response` in policy `p`"):
        measure(policy, history, utc("2026-03-02T10:00Z"))


def test_a_policy_without_any_first_response_has_no_missing_severities() -> None:
    policy = SlaPolicy(id="p", targets=[Target(milestone="tier-2", within=HOUR)])
    assert policy.missing(["S1"]) == ()


def test_a_calendar_that_never_opens_is_found() -> None:
    policy = SlaPolicy(id="p", targets=[FIRST], calendars={"desk": Calendar.never()})
    assert policy.never_open() == ("desk",)
    assert SlaPolicy(id="p", targets=[FIRST], calendars={"desk": DESK}).never_open() == ()


def test_equal_policies_have_equal_fingerprints() -> None:
    one, other = (SlaPolicy(id="p", targets=[FIRST], calendars={"desk": DESK}) for _ in range(2))
    assert one == other
    assert one.fingerprint == other.fingerprint
    assert (
        one.fingerprint
        != SlaPolicy(
            id="p",
            targets=[FIRST],
            calendars={"desk": DESK},
            options=ClockOptions(reopen="restart"),
        ).fingerprint
    )


def version(id: str, hours: int) -> SlaPolicy:
    return SlaPolicy(id=id, targets=[Target(milestone="resolution", within=hours * HOUR)])


def test_a_case_keeps_the_version_it_was_opened_under() -> None:
    versions = PolicyVersions(
        [("2026-03-01T00:00Z", version("v2", 4)), ("2026-01-01T00:00Z", version("v1", 8))]
    )
    asked = utc("2026-03-05T00:00Z")
    for opened, due in (
        ("2026-02-28T23:59:59Z", "2026-03-01T07:59:59Z"),
        ("2026-03-01T00:00Z", "2026-03-01T04:00Z"),
    ):
        found = measure(versions, History([Event.opened(opened)]), asked)
        assert found["resolution"].due == utc(due)
    with pytest.raises(NotCoveredError, match="no version of the policy is in force"):
        measure(versions, History([Event.opened("2025-12-31T00:00Z")]), asked)


def test_invalid_versions_are_refused() -> None:
    with pytest.raises(InvalidValueError):
        PolicyVersions([])
    with pytest.raises(DuplicateIdError):
        PolicyVersions(
            [("2026-01-01T00:00Z", version("a", 1)), ("2026-01-01T00:00Z", version("b", 1))]
        )
    with pytest.raises(DuplicateIdError):
        PolicyVersions(
            [("2026-01-01T00:00Z", version("a", 1)), ("2026-02-01T00:00Z", version("a", 1))]
        )


def test_only_known_milestones_can_be_paused() -> None:
    targets = [Target(milestone="workaround", within=HOUR)]
    for name in ("workaround", "first_response", "next_response", "update", "resolution"):
        SlaPolicy(id="p", targets=targets, options=ClockOptions(paused_by={name: ["customer"]}))
    with pytest.raises(UnknownIdError, match="no milestone has the id `resoluton`") as caught:
        SlaPolicy(
            id="p", targets=targets, options=ClockOptions(paused_by={"resoluton": ["customer"]})
        )
    assert caught.value.hint == "did you mean `resolution`?"
    assert caught.value.path == "options.paused_by"
    with pytest.raises(InvalidValueError):
        ClockOptions(paused_by={"": ["customer"]})


def test_a_severity_with_a_first_response_for_some_channels_only_is_missing() -> None:
    phone = Target(milestone="first_response", within=HOUR, channels=["phone"])
    web = Target(milestone="first_response", within=HOUR, channels=["web"])
    any_channel = Target(milestone="first_response", within=HOUR, severities=["S1"])
    resolution = Target(milestone="resolution", within=HOUR)
    assert SlaPolicy(id="p", targets=[phone, web]).missing(["S1"]) == ("S1",)
    assert SlaPolicy(id="p", targets=[phone, resolution]).missing(["S1"]) == ("S1",)
    assert SlaPolicy(id="p", targets=[phone, any_channel]).missing(["S1", "S2"]) == ("S2",)
