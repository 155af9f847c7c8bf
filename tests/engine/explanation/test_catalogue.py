"""Catalogues: templates that are checked when they are given, and errors that name the key."""

from __future__ import annotations

import pickle

import pytest

from entitlements.engine.explanation.catalogue import Catalogue, one_or_other, placeholders
from entitlements.engine.explanation.languages.english import ENGLISH
from entitlements.kernel.errors import InvalidValueError, UnknownIdError


def forms(count: int) -> str:
    """Return the form of a number in Polish, as far as whole numbers up to 11 need it."""
    return "one" if count == 1 else "few" if 2 <= count <= 4 else "many"


def test_a_language_may_have_more_forms_of_numbers() -> None:
    hours = {"one": "{count} godzina", "few": "{count} godziny", "many": "{count} godzin"}
    polish = Catalogue("pl", {f"words.hours.{form}": each for form, each in hours.items()}, forms)
    assert [polish.counted("words.hours", count) for count in (1, 3, 5)] == [
        "1 godzina",
        "3 godziny",
        "5 godzin",
    ]


def test_a_missing_sentence_is_named_with_its_language() -> None:
    with pytest.raises(UnknownIdError, match=r"`pl` has the id `agent\.asked` .*completed_by"):
        Catalogue("pl", {}).text("agent.asked")


@pytest.mark.parametrize("template", ["{", "{0}", "{}", "{a.b}", "{a[0]}", "{a!r:{b}}x{", "}"])
def test_a_template_that_is_none_is_refused_with_its_key(template: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Catalogue("en", {"agent.asked": template})
    assert caught.value.path == "agent.asked"


def test_a_placeholder_without_a_value_is_named_with_its_key() -> None:
    with pytest.raises(InvalidValueError, match=r"customer\.due: .*\(known are milestone\)"):
        Catalogue("en", {"customer.due": "{milestone} {when}"}).text("customer.due", milestone="m")


def test_a_catalogue_is_completed_by_another() -> None:
    own = Catalogue("en", {"agent.denied": "No: {reasons}."})
    both = own.completed_by(ENGLISH)
    assert both.text("agent.denied", reasons="x") == "No: x."
    assert both.missing(ENGLISH.sentences) == set()
    assert own.missing({"agent.denied", "agent.asked"}) == {"agent.asked"}


def test_a_catalogue_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(ENGLISH)) == ENGLISH  # noqa: S301 - our own bytes
    assert len(repr(ENGLISH)) < 100
    assert one_or_other(0) == "other"
    assert placeholders("{a} and {b}") == {"a", "b"}
