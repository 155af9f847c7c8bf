"""Coverage names every cell, right, exception and reason that no case has asked for."""

from __future__ import annotations

from tests.testing.promises.test_read import FACTS, read

from entitlements.testing.promises import CoverageCount, check_promises, parse_promises
from entitlements.testing.promises import promise_coverage as coverage_of

HOLIDAYS = """
given:
  calendars:
    - name: desk
      zone: Europe/Berlin
      week: "Mo-Fr 09:00-17:00"
      holidays: [2026-04-03, 2026-05-01]
  products: [db]
  groups: [dba]
  plans:
    - {id: basic, policy: basic, channels: [web], rights: [{id: dba, group: dba, hours: desk}]}
  policies:
    - {id: basic, targets: [{milestone: first_response, within: 4h, calendar: desk}]}
  accounts:
    - customer: acme
      contracts:
        - {id: C-1, zone: UTC, start: 2026-01-01, months: 12, any_contact: true,
           lines: [{id: l, plan: basic}]}
ask: {customer: acme, contact: dana, product: db, channel: web}
"""


def counts(text: str) -> dict[str, CoverageCount]:
    file = parse_promises(text)
    return {each.kind: each for each in coverage_of(file.facts, check_promises(file))}


def test_a_cell_is_covered_by_a_case_that_states_when_it_is_due() -> None:
    due = "{due: {first_response: 2026-03-02T10:00Z}}"
    with_due = counts(f"{FACTS}\npromises: [{{ask: {{severity: high}}, expect: {due}}}]")
    without = counts(f"{FACTS}\npromises: [{{ask: {{severity: high}}, expect: granted}}]")
    assert with_due["plan cells"].missed == ("gold low first_response",)
    assert without["plan cells"].covered == 0
    assert with_due["rights"].missed == () == without["rights"].missed


def test_a_reason_is_covered_by_a_denial_that_gives_it() -> None:
    file = read("  - {ask: {severity: low}, expect: denied}")
    reasons = coverage_of(file.facts, check_promises(file))[-1]
    assert "severity_not_in_right" not in reasons.missed
    assert reasons.covered == 1


def test_a_holiday_is_covered_by_a_deadline_that_is_counted_over_it() -> None:
    case = "{at: 2026-04-02T15:00+02:00, expect: {due: {first_response: 2026-04-06T11:00+02:00}}}"
    found = counts(f"{HOLIDAYS}\npromises: [{case}]")
    assert found["calendar exceptions"].missed == ("desk 2026-05-01",)
    assert found["plan cells"].missed == ()
    assert str(found["calendar exceptions"]) == "calendar exceptions: 1 of 2"


def test_a_holiday_is_covered_by_a_question_on_that_day() -> None:
    case = "{at: 2026-05-01T12:00+02:00, expect: {opens_at: 2026-05-04T09:00+02:00}}"
    found = counts(f"{HOLIDAYS}\npromises: [{case}]")
    assert found["calendar exceptions"].missed == ("desk 2026-04-03",)


def test_a_changed_severity_covers_the_cell_of_the_new_one() -> None:
    events = "{severity_changed: 2026-03-02T09:30Z, severity: low}"
    due = "{due: {first_response: 2026-03-02T13:00Z}}"
    found = counts(
        f"{FACTS}\npromises: [{{ask: {{severity: high}}, events: {events}, expect: {due}}}]"
    )
    assert found["plan cells"].missed == ("gold high first_response",)
