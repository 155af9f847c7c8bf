"""The answer in words: typed by hand from the world of the tests."""

from datetime import timedelta

import attrs
from tests.engine.worlds import facts, request

from entitlements.calendars import BusinessDays, Calendar
from entitlements.engine import Engine
from entitlements.kernel.instants import utc
from entitlements.sla import Target

ENGINE = Engine(facts())
MONDAY = utc("2026-03-02T10:00+01:00")
SATURDAY = utc("2026-03-07T10:00+01:00")


def lines(text: str) -> list[str]:
    """Return the lines but for the last, which holds digests."""
    return text.splitlines()[:-1]


def test_a_grant_says_who_under_what_by_when_and_why_not_otherwise() -> None:
    assert lines(ENGINE.assess(request(), MONDAY).explain()) == [
        "dana of acme asks about db, severity S1, by phone, at 2026-03-02T09:00:00Z.",
        "Granted: dba is reached at once, under contract C-acme, line 1, plan gold, right experts.",
        "  Not contract C-acme line 1 right desk: the right to this group is for other channels.",
        "First response: due 2026-03-02T10:00:00Z, after 1h.",
        "Resolution: due 2026-03-04T09:00:00Z, after 16h of business.",
        (
            "Route: `R-1` goes to `ada`; ada: chosen; bob: off shift until 2026-03-02T14:00:00Z; "
            "eve: not in group dba."
        ),
        "Charge: included.",
        "This holds until 2026-03-02T16:00:00Z.",
    ]


def test_a_deferral_says_when_it_opens_and_the_ways_round_it() -> None:
    text = lines(ENGINE.assess(request(), SATURDAY).explain())
    assert text[1:5] == [
        (
            "Deferred: dba opens at 2026-03-09T08:00:00Z, "
            "under contract C-acme, line 1, plan gold, right experts."
        ),
        "  Not contract C-acme line 1 right desk: the right to this group is for other channels.",
        "  Way out: use channel web, then desk is reached.",
        "  Way out: wait until 2026-03-09T08:00:00Z, then dba is reached.",
    ]


def test_a_denial_says_why_and_the_way_out() -> None:
    text = lines(ENGINE.assess(request(contact="mallory"), MONDAY).explain())
    assert text[1] == "Denied: the person is not a named contact."
    assert "  Way out: ask contact dana, then dba is reached." in text


def test_a_prepaid_case_says_what_is_left() -> None:
    december = utc("2026-12-15T10:00+01:00")
    text = lines(ENGINE.assess(request(customer="blox", channel="web"), december).explain())
    assert "Charge: prepaid, 1 incidents of cases." in text
    assert "Note: expires soon at 2026-12-31T23:00:00Z." in text
    assert "Note: balance low, 1 left." in text


def test_data_and_words_agree_on_the_outcome() -> None:
    decision = ENGINE.assess(request(), MONDAY).to_dict()["decision"]
    assert (decision["outcome"], decision["group"], decision["immediate"]) == (
        "granted",
        "dba",
        True,
    )
    assert decision["entitlement"] == {
        "contract": "C-acme",
        "line": "1",
        "plan": "gold",
        "plan_version": "1",
        "policy": "gold",
        "right": "experts",
        "calendars": [["business", "berlin"]],
        "experts": [],
    }
    assert [(each["right"], each["chosen"]) for each in decision["candidates"]] == [
        ("experts", True),
        ("desk", False),
    ]
    reasons = [one for each in decision["candidates"][1]["results"] for one in each["reasons"]]
    assert reasons == ["channel_not_in_right"]


def test_an_objective_and_best_effort_are_named() -> None:
    world = facts()
    aims = attrs.evolve(
        world.policies["gold"],
        targets=[
            Target(milestone="first_response", within=timedelta(hours=1), commitment="objective"),
            Target(milestone="resolution", within=None, commitment="best_effort"),
        ],
    )
    policies = {**world.policies, "gold": aims}
    found = Engine(attrs.evolve(world, policies=policies)).assess(request(), MONDAY)
    assert lines(found.explain())[3:5] == [
        "First response: due 2026-03-02T10:00:00Z, after 1h, an objective.",
        "Resolution: best effort.",
    ]
    data = found.to_dict()["milestones"]
    assert [each["commitment"] for each in data] == ["objective", "best_effort"]


def test_business_days_are_named_as_the_plan_states_them() -> None:
    world = facts()
    hours = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", name="office")
    ends = [BusinessDays(0, anchor="end"), BusinessDays(1, anchor="end")]  # type: ignore[arg-type]
    targets = [
        Target(milestone=name, within=within, calendar="office")
        for name, within in zip(("first_response", "resolution"), ends, strict=True)
    ]
    policy = attrs.evolve(world.policies["gold"], calendars={"office": hours}, targets=targets)
    policies = {**world.policies, "gold": policy}
    found = Engine(attrs.evolve(world, policies=policies)).assess(request(), MONDAY)
    assert lines(found.explain())[3:5] == [
        "First response: due 2026-03-02T17:00:00Z, on the same business day of office.",
        "Resolution: due 2026-03-03T17:00:00Z, after 1 business day of office.",
    ]
    first = found.milestones[1].explain()[0]
    assert first == (
        "resolution: running, 0s of 16h used (1 business day), due Tue 2026-03-03 17:00"
    )


def test_a_due_instant_that_is_late_and_a_cut_off_are_named() -> None:
    world = facts()
    policy = world.policies["gold"]
    hours = "office"
    calendars = {hours: Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", name=hours)}
    targets = [
        Target(milestone="first_response", within=timedelta(minutes=15), exclusive=True),
        Target(milestone="resolution", within=timedelta(hours=2), calendar=hours, cut_off="09:00"),
        Target(milestone="update", within=None),
    ]
    strict = attrs.evolve(policy, calendars=calendars, targets=targets)
    found = Engine(attrs.evolve(world, policies={**world.policies, "gold": strict})).assess(
        request(), MONDAY
    )
    assert lines(found.explain())[3:6] == [
        "First response: due before 2026-03-02T09:15:00Z, after 15m.",
        (
            "Resolution: due 2026-03-03T11:00:00Z, after 2h of office, "
            "counted from 2026-03-03T09:00:00Z."
        ),
        "Update: nothing is promised.",
    ]
