"""Kinds of requests: the right and the target of each, from a document to a clock."""

from __future__ import annotations

import attrs
import pytest

from entitlements.access import Denied, Granted, Reason
from entitlements.contracts import Plan
from entitlements.documents import parse_facts, write_facts
from entitlements.engine import Engine, Facts
from entitlements.kernel.errors import EntitlementsError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.sla import Event, History, measure

DOCUMENT = """
calendars: {name: office, zone: UTC, week: "Mo-Fr 09:00-17:00"}
groups: desk
products: db
plans:
  - id: gold
    severities: ["1", "2"]
    channels: web
    kinds: [billing, incident, question]
    hours: office
    group: desk
    first_response:
      "1": [15m always for incident, 4h for question, none]
      "2": [2h for incident or question, none]
accounts:
  customer: acme
  contracts:
    {id: C, zone: UTC, start: 2026-01-01, lines: {id: 1, plan: gold}, contacts: dana}
"""
FACTS = parse_facts(DOCUMENT)
SATURDAY = utc("2026-03-07T10:00Z")
MONDAY = utc("2026-03-02T10:00Z")


def asked(kind: str | None, severity: str = "1") -> Request:
    return Request(
        id="R",
        customer="acme",
        contact="dana",
        product="db",
        severity=severity,
        channel="web",
        kind=kind,
    )


@pytest.mark.parametrize(
    ("kind", "severity", "due"),
    [
        ("incident", "1", "2026-03-02T10:15Z"),
        ("question", "1", "2026-03-02T14:00Z"),
        ("question", "2", "2026-03-02T12:00Z"),
        ("billing", "1", None),
    ],
)
def test_each_kind_has_its_first_response(kind: str, severity: str, due: str | None) -> None:
    answer = Engine(FACTS).assess(asked(kind, severity), MONDAY)
    assert isinstance(answer.decision, Granted)
    assert answer.deadlines is not None
    expected = None if due is None else utc(due)
    (first,) = answer.milestones
    assert first.due == expected


def test_a_kind_that_is_answered_around_the_clock_is_reached_around_the_clock() -> None:
    night = Engine(FACTS).assess(asked("incident"), SATURDAY)
    assert isinstance(night.decision, Granted)
    waiting = Engine(FACTS).assess(asked("question"), SATURDAY)
    assert not isinstance(waiting.decision, Granted | Denied)
    assert waiting.decision.opens_at == utc("2026-03-09T09:00Z")


def test_a_kind_that_is_not_stated_denies_although_a_target_fits_any_other_kind() -> None:
    answer = Engine(FACTS).assess(asked(None), MONDAY)
    assert isinstance(answer.decision, Denied)
    assert answer.decision.reasons == (Reason.KIND_NOT_STATED,)


def test_a_question_that_turns_out_to_be_an_incident_has_the_target_of_an_incident() -> None:
    policy = FACTS.policies["gold"]
    opened = Event.opened(MONDAY, severity="1", channel="web", request_kind="question")
    changed = Event.terms_changed(utc("2026-03-02T10:05Z"), request_kind="incident")
    before, after = History([opened]), History([opened, changed])
    assert measure(policy, before, MONDAY)["first_response"].due == utc("2026-03-02T14:00Z")
    later = measure(policy, after, utc("2026-03-02T10:06Z"))
    assert later["first_response"].due == utc("2026-03-02T10:15Z")


def test_the_short_form_is_read_as_it_was_written() -> None:
    assert parse_facts(write_facts(FACTS)) == FACTS
    assert "15m always for incident" in write_facts(FACTS)
    rights = {each.id: sorted(each.kinds) for each in FACTS.catalog.plans[0].rights}
    assert rights == {
        "desk always incident": ["incident"],
        "desk question": ["question"],
        "desk incident question": ["incident", "question"],
        "desk": [],
    }


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        (
            "2h for incident or question",
            "2h for incidents or question",
            "no kind of request has the name `incidents` (did you mean `incident`?)",
        ),
        (
            "    kinds: [billing, incident, question]\n",
            "",
            "no kind of request has the name `incident`",
        ),
        ("2h for incident or question", "2h for incident and question", "is not a list of names"),
    ],
)
def test_a_kind_that_is_missing_or_unknown_is_a_problem_with_its_place(
    right: str, wrong: str, problem: str
) -> None:
    assert right in DOCUMENT
    with pytest.raises(EntitlementsError) as failed:
        parse_facts(DOCUMENT.replace(right, wrong, 1))
    assert problem in str(failed.value)


def test_a_kind_without_a_target_has_no_right_and_a_right_without_a_target_is_a_problem() -> None:
    without = DOCUMENT.replace("4h for question, none]", "4h for question]")
    answer = Engine(parse_facts(without)).assess(asked("billing"), MONDAY)
    assert isinstance(answer.decision, Denied)
    assert answer.decision.reasons == (Reason.KIND_NOT_IN_RIGHT,)
    listed = without.replace("group: desk\n    first", "rights: {id: all, group: desk}\n    first")
    with pytest.raises(EntitlementsError, match="severity `1` by `web` has no first response"):
        parse_facts(listed)


def test_facts_refuse_a_target_for_a_kind_that_the_plan_does_not_list() -> None:
    plan = attrs.evolve(
        FACTS.catalog.plans[0],
        kinds=[],
        rights=[attrs.evolve(each, kinds=[]) for each in FACTS.catalog.plans[0].rights],
    )
    assert isinstance(plan, Plan)
    with pytest.raises(UnknownIdError) as failed:
        Facts(catalog=attrs.evolve(FACTS.catalog, plans=[plan]), policies=FACTS.policies)
    assert failed.value.path == "plans[0].targets"
