from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts import AccessRight
from entitlements.documents.plans.derived_rights import GroupAccess, derived_rights
from entitlements.sla import Target

HOUR = timedelta(hours=1)
PHONE, WEB = frozenset({"phone"}), frozenset({"web"})


def first(within: timedelta | None = HOUR, **others: object) -> Target:
    return Target(milestone="first_response", within=within, **others)  # type: ignore[arg-type]


def rights(*targets: Target, **stated: Any) -> list[AccessRight]:
    stated.setdefault("groups", dict.fromkeys(("S1", "S2", "S3"), "desk"))
    access = GroupAccess(**{"hours": "business", "channels": PHONE | WEB, **stated})
    return list(derived_rights(access, targets))


def test_one_right_is_enough_where_every_severity_is_answered_alike() -> None:
    assert rights(first(calendar="business")) == [
        AccessRight(id="desk", group="desk", hours="business")
    ]


def test_a_severity_answered_around_the_clock_is_reached_at_night() -> None:
    urgent, others = rights(
        first(severities=["S1"]), first(calendar="business", severities=["S2", "S3"])
    )
    assert (urgent.hours, urgent.severities) == (None, {"S1"})
    assert (others.hours, others.severities) == ("business", {"S2", "S3"})


def test_a_severity_without_a_promise_may_be_reported_in_the_hours_of_the_plan() -> None:
    found = rights(first(severities=["S1"]), first(None, severities=["S2"]))
    assert [(each.hours, each.severities) for each in found] == [
        (None, {"S1"}),
        ("business", {"S2", "S3"}),
    ]


def test_channels_and_conditions_of_a_target_limit_the_right() -> None:
    found = rights(
        first(severities=["S1"], channels=PHONE, conditions=["asked"]), first(calendar="business")
    )
    assert [(each.id, each.channels, each.conditions) for each in found] == [
        ("desk always phone asked", PHONE, {"asked"}),
        ("desk", frozenset(), frozenset()),
    ]


def test_targets_after_one_that_fits_every_request_give_no_right() -> None:
    assert len(rights(first(calendar="business"), first(severities=["S1"]))) == 1


def test_other_milestones_give_no_right() -> None:
    update = Target(milestone="update", within=HOUR)
    assert rights(update) == rights()
    assert rights()[0].hours == "business"


def test_channels_of_the_queue_have_a_right_of_their_own() -> None:
    live, queued = rights(first(calendar="business"), queue=WEB)
    assert (live.channels, live.immediate) == (PHONE, True)
    assert (queued.id, queued.channels, queued.immediate) == ("desk queue", WEB, False)
    (all_queued,) = rights(first(calendar="business"), queue=PHONE | WEB)
    assert (all_queued.channels, all_queued.immediate) == (frozenset(), False)


def test_the_hours_in_which_the_group_is_reached_may_be_others() -> None:
    targets = [first(severities=["S1"]), first(calendar="business", severities=["S2", "S3"])]
    for hours in (None, "weekdays"):
        (only,) = rights(*targets, hours=hours, in_hours_only=True)
        assert only == AccessRight(id="desk", group="desk", hours=hours)


def test_each_severity_may_have_a_group_of_its_own() -> None:
    groups = {"S1": "seniors", "S2": "desk", "S3": "desk"}
    found = rights(first(calendar="business"), groups=groups)
    assert [(each.group, each.severities) for each in found] == [
        ("seniors", {"S1"}),
        ("desk", {"S2", "S3"}),
    ]


def test_a_severity_that_some_channels_open_is_reached_through_these() -> None:
    targets = [first(severities=["S1"]), first(calendar="business", severities=["S2", "S3"])]
    found = rights(*targets, channels_by_severity={"S1": PHONE, "S3": frozenset()})
    assert [(each.id, each.severities, each.channels) for each in found] == [
        ("desk always phone", {"S1"}, PHONE),
        ("desk", {"S2"}, frozenset()),
    ]
    by_web = first(severities=["S1"], channels=WEB)
    assert [each.severities for each in rights(by_web, channels_by_severity={"S1": PHONE})] == [
        {"S2", "S3"}
    ]


def test_every_derived_right_has_the_allowance_and_the_experts() -> None:
    found = rights(first(severities=["S1"]), allowance="cases", experts=("ada",))
    assert {(each.allowance, each.experts) for each in found} == {("cases", ("ada",))}


severities = st.lists(st.sampled_from(["S1", "S2", "S3"]), unique=True)
targets = st.builds(
    first,
    st.sampled_from([HOUR, None]),
    calendar=st.sampled_from([None, "business", "x" * 199]),
    severities=severities,
    channels=st.sampled_from([(), PHONE]),
    conditions=st.sampled_from([(), ("asked",), ("y" * 190,)]),
)


@given(st.lists(targets, max_size=6), st.sampled_from([frozenset(), PHONE, WEB, PHONE | WEB]))
def test_every_severity_that_is_answered_for_every_request_is_reached_by_every_channel(
    all_targets: Sequence[Target], queue: frozenset[str]
) -> None:
    found = rights(*all_targets, queue=queue)
    assert len({each.id for each in found}) == len(found)
    for severity in ("S1", "S2", "S3"):
        fits = [each for each in all_targets if each.fits(severity, "phone", ["asked", "y" * 190])]
        certain = any(each.fits(severity, "", ()) for each in all_targets)
        named = any(severity in (each.severities or (severity,)) for each in all_targets)
        for channel in sorted(PHONE | WEB):
            reached = [
                each
                for each in found
                if (not each.severities or severity in each.severities)
                and (not each.channels or channel in each.channels)
                and not each.conditions
            ]
            if certain or not named:
                assert reached, (severity, channel, fits)
                assert all(each.immediate is (channel not in queue) for each in reached)
