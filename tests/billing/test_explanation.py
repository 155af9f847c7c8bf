from __future__ import annotations

import re
from fractions import Fraction

import attrs
import pytest
from hypothesis import given

from entitlements.billing import (
    ClaimWindow,
    CreditBand,
    CreditSchedule,
    LineReason,
    ServiceCredit,
)
from entitlements.billing.explanation import (
    credit_sentence,
    grant_words,
    line_sentence,
    sheet_sentences,
    time_words,
)
from entitlements.kernel import Money, parse_duration, utc
from entitlements.kernel.ids import key
from entitlements.testing.strategies.worlds.billing import BilledWorld, billed_worlds


@given(billed_worlds())
def test_every_priced_sentence_can_be_checked_with_a_pocket_calculator(world: BilledWorld) -> None:
    for line in world.charged():
        sentence = line_sentence(line)
        found = re.search(r"(\S+) billed; (?:\S+ minutes of .*?; )?at (\S+) EUR an hour", sentence)
        if found is None or line.billed.microseconds:
            continue
        hours = Fraction(int(parse_duration(found[1]).total_seconds()), 3600)
        assert f"; {Money(found[2], 'EUR').scaled(hours)}; " in sentence


@given(billed_worlds())
def test_each_line_is_one_sentence_and_each_total_another(world: BilledWorld) -> None:
    lines = world.charged()
    found = list(sheet_sentences(lines, {}, Money(0, "EUR")))
    assert len(found) == len(lines) + 1
    assert all(each.endswith(".") for each in found)


def test_every_reason_has_words() -> None:
    from entitlements.billing.explanation import _BECAUSE  # noqa: PLC0415 - the table

    assert set(_BECAUSE) == set(LineReason)


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        pytest.param("2026-03-29T00:59Z", "Europe/Berlin", "2026-03-29 01:59 CET", id="winter"),
        pytest.param("2026-03-29T01:00Z", "Europe/Berlin", "2026-03-29 03:00 CEST", id="summer"),
        pytest.param("2026-03-29T01:00:05Z", "UTC", "2026-03-29 01:00:05 UTC", id="seconds"),
        pytest.param("2026-03-29T01:00Z", None, "2026-03-29T01:00:00Z", id="no zone"),
    ],
)
def test_times_are_local_with_the_name_of_their_offset(
    at: str, zone: str | None, words: str
) -> None:
    assert time_words(utc(at), zone) == words


def test_grants_that_come_back_are_named_by_what_the_customer_bought() -> None:
    block = key("block", "C-1", "main", "hours", "2026-01-01")
    assert grant_words(block) == "`hours` from 2026-01-01"
    assert grant_words("by hand") == "`by hand`"


@pytest.mark.parametrize(
    ("basis", "figure", "words"),
    [
        ("availability", Fraction(14_999, 150), "available for about 99.9933 percent of the time"),
        ("attainment", Fraction(90), "90 percent of the promises kept"),
        ("missed", Fraction(1), "1 promise missed"),
        ("missed", Fraction(2), "2 promises missed"),
        ("downtime", Fraction(5, 2), "down for 2.5 minutes"),
    ],
)
def test_a_credit_says_its_figure_and_what_became_of_it(
    basis: str, figure: Fraction, words: str
) -> None:
    edges = {"at_least": 1} if basis in {"missed", "downtime"} else {"below": 100}
    schedule = CreditSchedule(
        id="s", basis=basis, bands=[CreditBand(credit=5, **edges)], window=ClaimWindow(days=1)
    )
    credit = ServiceCredit(
        id="c",
        contract="C-1",
        line="main",
        zone="UTC",
        start="2026-03-01T00:00Z",
        end="2026-04-01T00:00Z",
        missed="2026-03-31T23:59Z",
        figure=figure,
        fees=Money(100, "EUR"),
        schedule=schedule,
    )
    said = credit_sentence(credit, utc("2026-04-01T00:00Z"))
    until = "claimable until 2026-04-02T00:00:00Z"
    assert said == f"`c`: {words}; 5 percent of 100.00 EUR; 5.00 EUR; {until}."
    least = attrs.evolve(credit, schedule=attrs.evolve(schedule, more_than=Money(5, "EUR")))
    late = credit_sentence(least, utc("2026-04-02T00:00Z"))
    assert late.endswith(
        "no credit, because it must be more than 5.00 EUR; lapsed at 2026-04-02T00:00:00Z."
    )
