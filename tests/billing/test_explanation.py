from __future__ import annotations

import re
from fractions import Fraction

from hypothesis import given

from entitlements.billing import LineReason
from entitlements.billing.explanation import line_sentence, sheet_sentences
from entitlements.kernel import Money, parse_duration
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
