"""Changes of contracts are sentences in the words of the documents."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.changes.documents import sentences

from entitlements.documents.changes.contracts import key_changes, value_text
from entitlements.sla import ClockOptions

LINE = 'lines: [{id: "1", plan: gold, coverage: {product: [db]}}]'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("months: 12", "end: 2026-06-30", "months: was 12, is now none", id="term"),
        pytest.param("zone: UTC\n        start", "zone: Asia/Tokyo\n        start",
                     "zone: was UTC, is now Asia/Tokyo", id="zone"),
        pytest.param("any_contact: true", "contacts: [dana, {contact: bob, start: 2026-02-01}]",
                     "contacts: was none, is now dana, bob (from 2026-02-01)", id="contacts"),
        pytest.param("any_contact: true", "contacts: [{contact: bob, may_delegate: false}]",
                     "contacts: was none, is now bob (may not delegate)", id="delegation"),
        pytest.param("any_contact: true", "contacts: [{contact: bob, roles: [security, admin]}]",
                     "contacts: was none, is now bob (admin, security)", id="roles"),
        pytest.param(LINE, f"constraints: [{{kind: residency, values: [us, eu]}}]\n        {LINE}",
                     "constraints: was none, is now residency eu, us", id="constraints"),
        pytest.param("{product: [db]}", "{product: [db]}, experts: [ada]",
                     "line 1, experts: was none, is now ada", id="experts"),
        pytest.param("{product: [db]}", "account",
                     "line 1, coverage: was product db, is now account", id="coverage"),
        pytest.param("coverage: {product: [db]}", "coverage: {product: [db]}, sold: 2025-12-01",
                     "line 1, sold: was none, is now 2025-12-01", id="line"),
    ],
)  # fmt: skip
def test_a_changed_key_of_a_contract_is_a_sentence(old: str, new: str, expected: str) -> None:
    assert f"unclear: contract C-1 of acme, {expected}" in sentences((old, new))


def test_a_line_that_comes_or_goes_is_named() -> None:
    assert sentences(('{id: "1", plan', '{id: "2", plan')) == [
        "worse: contract C-1 of acme, line 1: was present, is now absent",
        "better: contract C-1 of acme, line 2: was absent, is now present",
    ]


def test_a_changed_option_of_a_clock_is_a_sentence() -> None:
    clock = "    clock: {start: severity_set, paused_by: {resolution: []}}\n    channels: [web"
    assert sentences(("    channels: [web", clock)) == [
        "unclear: plan gold, clock, start: was opening, is now severity_set",
        "unclear: plan gold, clock, paused by: was none, is now resolution: none",
    ]


def test_the_day_from_which_a_plan_is_sold_is_a_sentence() -> None:
    assert sentences(("- id: gold", "- id: gold\n    effective: 2025-01-01")) == [
        "unclear: plan gold, effective: was none, is now 2025-01-01"
    ]


OPTIONS = st.builds(
    ClockOptions,
    retroactive=st.booleans(),
    severity_change=st.sampled_from(["recompute", "carry", "restart", "freeze"]),
    reopen=st.sampled_from(["exclude", "continue", "restart", "new_cycle"]),
    landing=st.sampled_from(["closing", "next_opening"]),
)


@given(OPTIONS, OPTIONS)
def test_values_that_differ_have_a_sentence_for_each_field(
    one: ClockOptions, other: ClockOptions
) -> None:
    fields = [each.name for each in attrs.fields(ClockOptions)]
    differ = [each for each in fields if getattr(one, each) != getattr(other, each)]
    found = list(key_changes("here", one, other))
    assert [each.place for each in found] == [f"here, {each.replace('_', ' ')}" for each in differ]
    assert all(each.before != each.after for each in found)


def test_nothing_is_written_as_none() -> None:
    assert [value_text(each) for each in (None, "", (), frozenset(), {})] == ["none"] * 5
