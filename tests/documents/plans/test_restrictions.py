from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.examples import GOLD, facts_of, slips_of

from entitlements.documents import parse_facts, write_facts
from entitlements.documents.plans.restrictions import format_restrictions, split_restrictions
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla import Target


def first_targets(cell: str, *lines: str) -> list[Target]:
    facts = facts_of(GOLD.replace("S2: 4h", f"S2: {cell}"), *(f"    {line}\n" for line in lines))
    assert parse_facts(write_facts(facts)) == facts
    return [each for each in facts.policies["gold"].targets if "S2" in each.severities]


def test_channels_and_conditions_behind_an_amount_are_those_of_the_target() -> None:
    first, rest = first_targets(
        "[2h always by phone or chat if asked and reachable, 4h]".replace(" or chat", "")
    )
    assert (first.channels, first.conditions) == ({"phone"}, {"asked", "reachable"})
    assert (first.calendar, rest.calendar, rest.channels) == (None, "business", frozenset())


def test_a_cell_in_words_is_the_same_target_as_one_with_keys() -> None:
    words = "[2h always by phone or web if asked warn at 75% and 5m, 4h]"
    keys = "[{within: 2h always, channels: [phone, web], conditions: asked, warn: [75%, 5m]}, 4h]"
    assert first_targets(words) == first_targets(keys)


def test_the_warnings_of_a_plan_hold_for_targets_with_a_time_that_state_none() -> None:
    facts = facts_of(
        GOLD.replace("S3: 1 business day", "S3: none").replace("S2: 4h", "S2: 4h warn at 30m"),
        "    warn: [50%, 75%]\n",
    )
    assert parse_facts(write_facts(facts)) == facts
    found = [each.warn for each in facts.policies["gold"].targets]
    assert [len(each) for each in found] == [2, 1, 0]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (
            "4h by phone and web",
            "`by phone and web` is not a list of names (write `by phone or web`",
        ),
        ("4h by phone/web", "write `by phone or web`"),
        ("4h if a or b", "write a list with an amount for each of them"),
        ("4h if a, b", "write `if a and b`"),
        ("4h by phone by web", "`by` is written twice behind `4h` (write `by phone or web`)"),
        ("4h warn at 50%, 5m", "write `warn at 50% and 5m`"),
        ("4h warn at 75", "`75` is not a share (write `75%`)"),
        ("4h by fax", "no channel has the name `fax`"),
        ("4 hurs by phone", "`4 hurs` is not an amount of time (did you mean `4h`?)"),
    ],
)
def test_a_slip_behind_an_amount_is_one_problem(cell: str, problem: str) -> None:
    (found,) = slips_of(GOLD.replace("S2: 4h", f'S2: ["{cell}", 4h]'))
    assert problem in found


def test_a_key_beside_the_same_word_is_a_problem() -> None:
    (found,) = slips_of(GOLD.replace("S2: 4h", "S2: {within: 4h warn at 5m, warn: 75%}"))
    assert "`warn` is written behind the amount already (remove one)" in found


names = st.lists(st.sampled_from(["phone", "web chat", "P1", "a-b"]), min_size=1, unique=True)
clauses = st.dictionaries(st.sampled_from(["channels", "conditions", "warn"]), names.map(tuple))


@given(clauses)
def test_written_restrictions_are_read_as_the_same(restrictions: dict[str, Any]) -> None:
    text = f"4h business {format_restrictions(restrictions)}"
    amount, found = split_restrictions(text)
    assert (amount, found) == ("4h business", restrictions)


def test_two_words_of_one_kind_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="written twice"):
        split_restrictions("4h if a if b")
