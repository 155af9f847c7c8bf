"""Answers are compared with what was promised, and every difference is said in words."""

from __future__ import annotations

import pytest
from tests.testing.promises.test_read import FIRST_LINE, read

from entitlements.testing.promises import ExpectedAnswer, PromiseResult, check_promises
from entitlements.testing.promises.check import differences


def only(promises: str) -> PromiseResult:
    (result,) = check_promises(read(promises))
    return result


@pytest.mark.parametrize(
    "promises",
    [
        "  - {ask: {severity: high}, expect: granted}",
        (
            "  - {ask: {severity: high}, expect: {group: dba, contract: C-1, plan: gold,"
            " right: dba, agent: none, charge: included, due: {first_response: 2026-03-02T10:00Z}}}"
        ),
        "  - {ask: {severity: low}, expect: {reasons: [severity_not_in_right]}}",
        "  - {at: 2027-03-02T09:00Z, ask: {severity: high}, expect: {reasons: contract_expired}}",
    ],
)
def test_a_promise_that_is_kept_holds(promises: str) -> None:
    assert only(promises).differences == ()


@pytest.mark.parametrize(
    ("promises", "difference"),
    [
        (
            "  - {ask: {severity: low}, expect: granted}",
            "decision: expected granted, but it is denied: severity_not_in_right",
        ),
        (
            "  - {ask: {severity: high}, expect: denied}",
            "decision: expected denied, but it is granted: dba is reached",
        ),
        (
            "  - {ask: {severity: low}, expect: {reasons: [contract_expired]}}",
            "reasons: expected contract_expired, but it is severity_not_in_right",
        ),
        (
            "  - {ask: {severity: high}, expect: {due: {first_response: 2026-03-02T09:30Z}}}",
            (
                "due.first_response: expected 2026-03-02T09:30:00Z, but it is 2026-03-02T10:00:00Z,"
                " 30m later"
            ),
        ),
        (
            "  - {ask: {severity: high}, expect: {due: {first_response: none}}}",
            "due.first_response: expected none, but it is 2026-03-02T10:00:00Z",
        ),
        (
            "  - {ask: {severity: high}, expect: {right: none}}",
            "right: expected none, but it is dba",
        ),
        (
            "  - {ask: {severity: high}, expect: {charge: prepaid}}",
            "charge: expected prepaid, but it is included",
        ),
    ],
)
def test_a_promise_that_is_broken_says_how(promises: str, difference: str) -> None:
    assert only(promises).differences == (difference,)


def test_an_explanation_names_the_place_and_the_answer() -> None:
    told = only("  - {name: nights, ask: {severity: low}, expect: granted}").explain()
    assert told.startswith(f"p:{FIRST_LINE}: nights\n  decision: expected granted")
    assert "  | Denied: " in told


def test_a_milestone_that_the_answer_does_not_have_is_a_difference() -> None:
    answer = only("  - {ask: {severity: high}, expect: granted}").answer
    assert answer is not None
    expected = ExpectedAnswer(due={"repair": "none"})
    assert differences(expected, answer, answer.milestones) == (
        "due.repair: the answer has no milestone `repair`",
    )
