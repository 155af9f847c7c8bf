"""Names in promise files are those of the facts."""

from __future__ import annotations

from tests.testing.promises.test_read import read

from entitlements.testing.promises.cases import ExpectedAnswer
from entitlements.testing.promises.known_names import KnownNames

KNOWN = KnownNames(read("  - {ask: {severity: high}, expect: granted}").facts)


def test_a_name_that_the_facts_do_not_have_is_told_with_a_near_one() -> None:
    (wrong,) = KNOWN.unknown_in({"customer": "acne", "product": "db"})
    assert (wrong.field, wrong.message) == ("customer", "no customer has the name `acne`")
    assert wrong.hint == "did you mean `acme`?"


def test_a_name_like_no_other_is_told_with_how_to_ask_for_it() -> None:
    (wrong,) = KNOWN.unknown_in({"severity": "zzz"})
    assert wrong.hint == "a case that expects `reasons` may ask with any name"


def test_nobody_is_a_known_agent_and_right() -> None:
    assert not list(KNOWN.unknown_in_answer(ExpectedAnswer(agent="none", right="none")))
