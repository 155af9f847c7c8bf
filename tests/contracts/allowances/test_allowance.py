"""Allowances of a plan: valid and refused fields."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.allowance import (
    Allowance,
    Cycle,
    OveragePolicy,
    Period,
    Rollover,
    Unit,
)
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import EARLIEST, LATEST, utc
from entitlements.testing.strategies.ledger import rollovers


def an_allowance(**terms: Any) -> Allowance:
    return Allowance(**{"id": "cases", "unit": "incidents", "amount": 12, **terms})


def test_words_of_a_document_become_members() -> None:
    allowance = an_allowance(over_use="cap", cap=3, aligned="calendar", consumption="resolution")
    assert allowance.unit is Unit.INCIDENTS
    assert allowance.over_use is OveragePolicy.CAP


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        pytest.param(
            {"unit": "incidnts"},
            r"`incidnts` is not a known unit \(did you mean `incidents`",
            id="unit",
        ),
        pytest.param({"over_use": "often"}, "`often` is not a known overage policy", id="overage"),
        pytest.param({"aligned": "x"}, "`x` is not a known cycle alignment", id="alignment"),
        pytest.param({"consumption": "x"}, "`x` is not a known consumption moment", id="moment"),
    ],
)
def test_unknown_words_are_refused(terms: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        an_allowance(**terms)


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        pytest.param(
            {"amount": -1}, InvalidValueError, "amount must be at least 0, not `-1`", id="amount"
        ),
        pytest.param({"amount": True}, InvalidValueError, "must be a whole number", id="bool"),
        pytest.param({"amount": 2**63}, LimitExceededError, "must be at most", id="64 bits"),
        pytest.param(
            {"priority": -1}, InvalidValueError, "priority must be at least 0", id="priority"
        ),
        pytest.param({"cost": 0}, InvalidValueError, "cost must be at least 1, not `0`", id="cost"),
        pytest.param({"cap": 1}, InvalidValueError, "`cap` is `1`", id="cap without policy"),
        pytest.param({"over_use": "cap"}, InvalidValueError, "`cap` is `None`", id="no cap"),
        pytest.param(
            {"recurrence": Cycle("week"), "lifetime": Cycle("year", 30)},
            LimitExceededError,
            "grants of allowance `cases` can be used for more than 1000 cycles",
            id="too many in force at once",
        ),
        pytest.param({"warranty": timedelta(-1)}, InvalidValueError, "is negative", id="warranty"),
        pytest.param(
            {"rollover": Rollover(at_most=1)},
            InvalidValueError,
            "`cases` cannot roll over",
            id="rollover without recurrence",
        ),
        pytest.param(
            {
                "rollover": Rollover(at_most=1),
                "recurrence": Cycle("month"),
                "lifetime": Cycle("year"),
            },
            InvalidValueError,
            "`cases` cannot roll over",
            id="rollover and lifetime",
        ),
        pytest.param({"id": "a\nb"}, InvalidValueError, "is not an id", id="control character"),
    ],
)
def test_an_impossible_allowance_cannot_be_built(
    terms: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        an_allowance(**terms)


@pytest.mark.parametrize(
    ("scope", "severity", "group", "applies"),
    [
        pytest.param({}, "S1", "dba", True, id="unbound"),
        pytest.param({}, "S1", None, True, id="unbound, no group"),
        pytest.param({"severities": ["S1"]}, "S1", None, True, id="severity listed"),
        pytest.param({"severities": ["S1"]}, "S2", None, False, id="severity not listed"),
        pytest.param({"groups": ["dba"]}, "S1", "dba", True, id="group listed"),
        pytest.param({"groups": ["dba"]}, "S1", "net", False, id="group not listed"),
        pytest.param({"groups": ["dba"]}, "S1", None, False, id="bound to a group, none asked"),
    ],
)
def test_an_allowance_applies_to_what_it_lists(
    scope: dict[str, Any],
    severity: str,
    group: str | None,
    applies: bool,  # noqa: FBT001 - a table
) -> None:
    assert an_allowance(**scope).applies_to(severity, group) is applies


def test_a_follow_up_comes_after_the_resolution_and_before_the_warranty_ends() -> None:
    allowance = an_allowance(warranty=timedelta(days=7))
    done = utc("2026-03-02T09:00Z")
    tick = timedelta(microseconds=1)
    week = timedelta(days=7)
    instants = (done - tick, done, done + week - tick, done + week)
    expected = [False, True, True, False]
    assert [allowance.is_follow_up(done, at) for at in instants] == expected
    assert not an_allowance().is_follow_up(done, done)


def test_a_warranty_may_be_as_long_as_anybody_likes() -> None:
    allowance = an_allowance(warranty=timedelta.max)
    assert allowance.is_follow_up(EARLIEST, LATEST - timedelta(days=1))
    assert not allowance.is_follow_up(LATEST - timedelta(days=1), EARLIEST)


def test_cycles_count_in_months_or_weeks() -> None:
    assert [Cycle(period, 2).months for period in Period] == [0, 2, 6, 24]
    assert [Cycle(period, 2).weeks for period in Period] == [2, 0, 0, 0]
    assert [Cycle(period, 2).most_days for period in Period] == [14, 62, 186, 744]
    assert [Cycle(period, 2).least_days for period in Period] == [14, 56, 168, 672]
    with pytest.raises(InvalidValueError, match="count must be at least 1, not `0`"):
        Cycle("month", 0)
    assert Cycle("week", 1200).weeks == 1200
    with pytest.raises(InvalidValueError, match="longer than 1200"):
        Cycle("week", 1201)
    with pytest.raises(InvalidValueError, match="`fortnight` is not a known period"):
        Cycle("fortnight")


# L25
@given(rollovers(), st.integers(0, 20))
def test_what_is_kept_lies_within_the_clamp(rollover: Rollover, rest: int) -> None:
    kept = rollover.kept(rest)
    assert rollover.at_least <= kept <= rollover.at_most
    assert kept == rest or rest < rollover.at_least or rest > rollover.at_most


def test_a_rollover_is_no_range_upside_down() -> None:
    with pytest.raises(InvalidValueError, match="at least `3` and at most `2`"):
        Rollover(at_least=3, at_most=2)


@pytest.mark.parametrize("least", [-1, 1.5, True])
def test_the_least_that_rolls_over_is_a_whole_number_of_units(least: Any) -> None:
    with pytest.raises(InvalidValueError, match="least rollover"):
        Rollover(at_most=5, at_least=least)


def test_the_least_that_rolls_over_is_no_more_than_the_most() -> None:
    with pytest.raises(InvalidValueError, match="at least `6` and at most `5`"):
        Rollover(at_most=5, at_least=6)
    assert Rollover(at_most=5, at_least=5).kept(0) == 5
