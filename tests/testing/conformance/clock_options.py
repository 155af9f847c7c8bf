"""Cases of the corpus for every clock option: where two of its values give different answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import combinations
from typing import Any, NamedTuple

import attrs
from tests.testing.conformance.expected import clocks, expected_answer

from entitlements.calendars import Landing
from entitlements.documents import parse_facts
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.requests import Request
from entitlements.sla import CLOCK_PRESETS, ClockOptions, Event

SOURCE = "oracles: clocks by walking through the case"
DAY = "2026-03-02"

STORIES: dict[str, list[str]] = {
    "a long life": [
        "09:00 S2", "09:15 acknowledged", "09:30 reached triage", "10:00 severity_changed S1",
        "10:15 customer_replied", "10:30 paused on_hold", "11:00 resumed", "11:15 responded",
        "11:30 customer_replied", "12:00 customer_replied", "12:30 condition_met reachable",
        "13:00 resolved", "14:00 reopened", "14:15 customer_replied", "14:30 terms_expired",
    ],
    "resolved without an answer": ["09:00 S1", "10:00 resolved", "12:00 reopened"],
    "used up at closing": ["13:00 S1"],
    "more severe too late": ["09:00 S2", "14:00 severity_changed S1", "14:30 severity_changed S2"],
    "an answer by a machine": ["09:00 S1", "09:30 acknowledged", "10:00 customer_replied"],
    "other hours from before the opening": ["08:00 S1", "11:00 condition_met reachable"],
    "other hours over the night": ["15:00 S1", "16:00 condition_met reachable"],
    "another agreement": ["09:00 S1 reachable", "11:00 condition_ended reachable",
                          "12:00 condition_met reachable"],
    "a customer who writes first": ["09:00 S1", "09:30 customer_replied", "09:45 customer_replied",
                                    "10:00 paused on_hold", "10:30 responded"],
}  # fmt: skip
"""Stories: the opening with its severity and conditions, and events with their details."""

_DETAILS = {"reached": "name", "severity_changed": "severity", "paused": "reason"}

PAUSED_BY: list[dict[str, Any]] = [
    {}, {"first_response": []}, {"resolution": ["customer"]},
]  # fmt: skip


class Point(NamedTuple):
    """A story up to one of its events."""

    story: str
    length: int


POINTS = [Point(name, n + 1) for name, story in STORIES.items() for n in range(len(story))]


def variants() -> dict[str, list[dict[str, Any]]]:
    """Return the values of every option, as they are written in a document."""
    found: dict[str, list[dict[str, Any]]] = {}
    for field in attrs.fields(ClockOptions):
        kind = type(getattr(ClockOptions(), field.name))
        if field.name == "landing":
            values = [Landing.CLOSING.value, Landing.NEXT_OPENING.value]
        elif issubclass(kind, Enum):
            values = [each.value for each in kind]
        else:
            continue
        found[field.name] = [{field.name: each} for each in values]
    found["start"][-1]["start_event"] = "triage"
    found["retroactive"] = [
        {"start": "severity_set", "retroactive": False},
        {"start": "severity_set", "retroactive": True},
    ]
    found["paused_by"] = [{"paused_by": each} for each in PAUSED_BY]
    return found


def option_groups() -> Iterator[dict[str, Any]]:
    """Yield a group for each option: a plan for each value, and the points that tell them apart."""
    for name, values in variants().items():
        document = _document(values)
        facts = parse_facts(json.dumps(document), format="json")
        policies = [facts.policies[f"v{n}"] for n in range(len(values))]
        answers = {
            (n, point): clocks(policy, _events(point))
            for n, policy in enumerate(policies)
            for point in POINTS
        }
        points: list[Point] = []
        for one, other in combinations(range(len(values)), 2):
            differ = [each for each in POINTS if answers[one, each] != answers[other, each]]
            assert differ, f"{name}: {values[one]} and {values[other]} answer alike"
            points += [] if set(differ) & set(points) else [differ[0]]
        cases = [
            _case(facts, f"v{n}", _value_text(value), point)
            for n, value in enumerate(values)
            for point in points
        ]
        yield {"name": f"option {name}", "source": SOURCE, "document": document, "cases": cases}


def preset_options() -> Iterator[dict[str, Any]]:
    """Yield the presets on the points at which each option that is not the default matters."""
    document = _document([*CLOCK_PRESETS])
    facts = parse_facts(json.dumps(document), format="json")
    cases = []
    for number, (name, options) in enumerate(CLOCK_PRESETS.items()):
        policy = facts.policies[f"v{number}"]
        assert policy.options == options
        points: list[Point] = []
        for field in attrs.fields(ClockOptions):
            default = getattr(ClockOptions(), field.name)
            if getattr(options, field.name) == default or field.name == "start_event":
                continue
            without = attrs.evolve(policy, options=attrs.evolve(options, **{field.name: default}))
            differ = [
                each
                for each in POINTS
                if clocks(policy, _events(each)) != clocks(without, _events(each))
            ]
            assert differ, f"{name}: {field.name} makes no difference"
            points += [] if set(differ) & set(points) else [differ[0]]
        cases += [_case(facts, f"v{number}", name, point) for point in points]
    yield {"name": "presets", "source": SOURCE, "document": document, "cases": cases}


def _value_text(value: dict[str, Any]) -> str:
    return ", ".join(f"{key} {each}" for key, each in value.items())


def _document(values: Sequence[dict[str, Any] | str]) -> dict[str, Any]:
    ids = [f"v{n}" for n in range(len(values))]
    targets = {
        "hours": "desk", "first_response": "2h", "next_response": "1h", "update": "90m",
        "resolution": {"S1": ["6h round if reachable", "4h"], "S2": "8h"},
    }  # fmt: skip
    return {
        "calendars": [
            {"name": "desk", "zone": "UTC", "week": "Mo-Fr 09:00-17:00"},
            {"name": "round", "zone": "UTC", "week": "Mo-Su 00:00-24:00"},
        ],
        "products": ["db"],
        "groups": ["dba"],
        "policies": [
            {"id": id, "clock": value, **targets}
            for id, value in zip(ids, values, strict=True)
        ],
        "plans": [
            {"id": id, "policy": id, "severities": ["S1", "S2"], "channels": ["web"],
             "rights": [{"id": "dba", "group": "dba"}]}
            for id in ids
        ],
        "agents": [{"id": "ada", "groups": ["dba"]}],
        "accounts": [
            {"customer": "acme", "contracts": [
                {"id": id, "zone": "UTC", "start": "2026-01-01", "months": 12, "any_contact": True,
                 "lines": [{"id": "1", "plan": id}]}
                for id in ids
            ]}
        ],
    }  # fmt: skip


def _events(point: Point) -> list[Event]:
    first, *rest = _told(point)
    at, severity, *conditions = first.split()
    opened = Event.opened(f"{DAY}T{at}Z", severity=severity, channel="web", conditions=conditions)
    return [opened, *(Event(**_event(each)) for each in rest)]


def _told(point: Point) -> list[str]:
    return STORIES[point.story][: point.length]


def _event(told: str) -> dict[str, Any]:
    at, kind, *details = told.split()
    said: dict[str, Any] = {"kind": kind, "at": text_of(utc(f"{DAY}T{at}Z"))}
    if kind.startswith("condition"):
        said["conditions"] = details
    elif details:
        said[_DETAILS[kind]] = details[0]
    return said


def _case(facts: Any, contract: str, value: str, point: Point) -> dict[str, Any]:
    first, *rest = _told(point)
    at, severity, *conditions = first.split()
    asked: dict[str, Any] = {
        "id": "R-1", "customer": "acme", "contact": "dana", "product": "db",
        "severity": severity, "channel": "web", "contract": contract,
    }  # fmt: skip
    if conditions:
        asked["conditions"] = conditions
    events = [_event(each) for each in rest]
    opened = text_of(utc(f"{DAY}T{at}Z"))
    expect = expected_answer(
        facts, Request(**asked), utc(opened), [Event(**each) for each in events]
    )
    case = {"name": f"{value}: {point.story}, {point.length}", "request": asked, "at": opened}
    return {**case, **({"events": events} if events else {}), "expect": expect}
