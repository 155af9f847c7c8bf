from __future__ import annotations

import json

from tests.engine.worlds import facts, request

from entitlements import Engine
from entitlements.cli.commands.demo import LENGTH, START
from entitlements.cli.demo.story import Story, story
from entitlements.engine import Assessment
from entitlements.kernel import utc

FRIDAY, SUNDAY = utc("2026-03-27T14:00Z"), utc("2026-03-29T12:00Z")


def story_of(*answers: Assessment) -> Story:
    return story(facts(), answers, seed=1, start=START, end=START + LENGTH)


def test_the_first_answer_of_each_kind_is_shown_and_denials_with_a_remedy_come_first() -> None:
    engine = Engine(facts())
    granted = engine.assess(request(id="R-1"), FRIDAY)
    deferred = engine.assess(request(id="R-2"), SUNDAY)
    hopeless = engine.assess(request(id="R-3", customer="nobody"), FRIDAY)
    denied = engine.assess(request(id="R-4", contact="eve"), FRIDAY)
    found = story_of(hopeless, denied, deferred, granted)
    assert (found.granted, found.deferred, found.denied) == (granted, deferred, denied)


def test_a_weekend_is_drawn_if_there_is_one() -> None:
    engine = Engine(facts())
    web = request(severity="S2", channel="web")
    assert story_of(engine.assess(web, utc("2026-03-24T09:00Z"))).drawn is None
    over = story_of(engine.assess(web, FRIDAY)).drawn
    assert over is not None
    assert over.timeline.crosses_weekend


def test_an_empty_story_can_be_shown() -> None:
    found = story_of()
    assert (found.granted, found.deferred, found.denied, found.drawn) == (None, None, None, None)


def test_a_story_is_data() -> None:
    engine = Engine(facts())
    data = story_of(engine.assess(request(severity="S2", channel="web"), FRIDAY)).to_dict()
    assert json.loads(json.dumps(data)) == data
    timeline = data["timeline"]
    assert isinstance(timeline, dict)
    assert timeline["request"] == "R-1"
    first = timeline["milestones"][0]
    assert [each["spent"] for each in first["trace"]] == ["counted", "closed", "counted"]
