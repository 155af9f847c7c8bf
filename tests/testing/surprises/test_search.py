"""A search finds answers that were not intended: each kind, planted in a small document."""

from __future__ import annotations

import pytest

from entitlements.documents import parse_facts
from entitlements.testing.surprises import Surprise, find_surprises

GOOD = """
calendars: [{name: desk, zone: UTC, week: "Mo-Fr 09:00-17:00"}]
products: [db]
groups: [dba]
services: [{id: db-support}]
plans:
  - id: basic
    service: db-support
    hours: desk
    group: dba
    severities: [high, low]
    channels: [web]
    first_response: {high: 4h, low: 8h}
  - id: gold
    service: db-support
    hours: desk
    group: dba
    severities: [high, low]
    channels: [phone, web]
    first_response: {high: 1h, low: 4h}
agents: [{id: ada, groups: [dba], shift: desk}]
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: UTC, start: 2026-01-01, months: 12, any_contact: true,
         lines: [{id: l, plan: basic}]}
"""


def search(*changes: tuple[str, str]) -> tuple[Surprise, ...]:
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return find_surprises(parse_facts(text), "2026-03-02T00:00Z", limit=20)


def test_facts_that_mean_what_they_say_hold_no_surprise() -> None:
    assert search() == ()


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (
            ("{high: 4h, low: 8h}", "{high: 8h, low: 4h}"),
            "later_than_less_severe",
            "severity high has its first response due at",
        ),
        (
            ("{high: 4h, low: 8h}", "{high: none, low: 4h}"),
            "later_than_less_severe",
            "due never, severity low at",
        ),
        (
            ("channels: [web]\n    first", "channels: {web: low, post: []}\n    first"),
            "never_accepted",
            "severity high is accepted at none of",
        ),
        (
            ("groups: [dba], shift: desk", "groups: [other]"),
            "no_agent_at_once",
            "dba is reached at once, and no agent is there: the request cannot",
        ),
        (
            ("shift: desk", "shift: late"),
            "too_late_for_any_agent",
            "and an agent is there at 2026-03-0",
        ),
        (
            ("channels: [phone, web]", "channels: {web: high, phone: [high, low]}"),
            "lost_by_upgrade",
            "granted under basic, and denied under gold: channel_not_in_right",
        ),
    ],
)
def test_a_planted_mistake_is_found(change: tuple[str, str], kind: str, says: str) -> None:
    changes = [change]
    if "late" in change[1]:
        changes.append(
            ("calendars: [", 'calendars: [{name: late, zone: UTC, week: "Tu 20:00-21:00"}, ')
        )
    if "other" in change[1]:
        changes.append(("groups: [dba]\nservices", "groups: [dba, other]\nservices"))
    found = {each.kind.value: each for each in search(*changes)}
    assert kind in found, found
    assert says in found[kind].explain()


def test_a_surprise_shows_the_command_that_answers_in_full() -> None:
    (found,) = search(("{high: 4h, low: 8h}", "{high: 8h, low: 4h}"))
    assert found.explain().splitlines()[1] == (
        "  entitlements decide FILE --customer acme --contact somebody --contract C-1 --product db "
        "--severity high --channel web --at 2026-03-02T00:00:00Z"
    )


def test_a_surprise_is_told_once_for_a_plan_with_all_its_severities() -> None:
    changes = (
        ("groups: [dba], shift: desk", "groups: [other]"),
        ("[dba]\nservices", "[dba, other]\nservices"),
    )
    found = [each for each in search(*changes) if each.kind == "no_agent_at_once"]
    assert [each.severities for each in found] == [("high", "low")]


LOST = ("channels: [phone, web]", "channels: {web: high, phone: [high, low]}")


@pytest.mark.parametrize("targets", ["{high: 4h, low: 8h}", "{high: 1h, low: 9h}"])
def test_a_plan_that_answers_no_sooner_or_sometimes_later_is_no_upgrade(targets: str) -> None:
    by_phone = ("channels: [web]\n", "channels: [phone, web]\n")
    gold = ("first_response: {high: 1h, low: 4h}", f"first_response: {targets}")
    found = search(LOST, by_phone, gold)
    assert "lost_by_upgrade" not in {each.kind.value for each in found}


RIGHTS = "    rights: [{id: dba, group: dba, severities: [high], hours: desk}]\n"
DOCUMENT = f"""
calendars: [{{name: desk, zone: UTC, week: "Mo-Fr 09:00-17:00"}}]
products: [db]
groups: [dba]
plans:
  - id: basic
    policy: basic
    severities: [high, low]
    channels: [web]
{RIGHTS}policies:
  - id: basic
    targets: [{{milestone: first_response, within: 4h, calendar: desk}}]
agents: [{{id: ada, groups: [dba], shift: desk}}]
accounts:
  - customer: acme
    contracts:
      - {{id: C-1, zone: UTC, start: 2026-01-01, months: 12, any_contact: true,
         lines: [{{id: l, plan: basic}}]}}
"""
BETTER = """  - id: gold
    policy: basic
    severities: [high, low]
    channels: [web]
    rights: [{id: dba, group: dba, hours: desk}]
"""


def kinds(document: str) -> set[str]:
    found = find_surprises(parse_facts(document), "2026-03-02T00:00Z", limit=20)
    return {each.kind.value for each in found}


def test_a_denial_is_a_surprise_only_if_there_is_no_way_out() -> None:
    assert kinds(DOCUMENT) == {"no_way_out", "never_accepted"}
    assert kinds(DOCUMENT.replace(RIGHTS, RIGHTS + BETTER)) == {"never_accepted"}
