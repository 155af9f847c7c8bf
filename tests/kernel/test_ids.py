from __future__ import annotations

from enum import StrEnum
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import (
    MAX_ID_LENGTH,
    identifier,
    identifier_or_key,
    identifier_set,
    identifiers,
    key,
    key_parts,
    optional_identifier,
)


class Milestone(StrEnum):
    UPDATE = "update"


@pytest.mark.parametrize("name", ["a", "acme", "R-1", "Zürich desk", "東京", "a/b:c", "x" * 200])
def test_printable_text_is_an_id(name: str) -> None:
    assert identifier(name) == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("", "empty or has blanks", id="empty"),
        pytest.param(" acme", "empty or has blanks", id="blank before"),
        pytest.param("acme\n", "empty or has blanks", id="line end after"),
        pytest.param("ac\nme", "control character", id="line end inside"),
        pytest.param("ac\x00me", "control character", id="null"),
        pytest.param("ac\x1b[2Jme", "control character", id="a terminal's command"),
        pytest.param("ac\u200bme", "control character", id="an invisible space"),
        pytest.param("\ud800", "control character", id="half a character"),
        pytest.param(key("commit", "R-1"), "for keys only", id="a key"),
        pytest.param("ac\u202eme", "control character", id="letters from right to left"),
        pytest.param("ac\ufe0fme", "invisible", id="a variation"),
        pytest.param("ac\u3164me", "invisible", id="a filler"),
        pytest.param("\u2800", "invisible", id="an empty pattern"),
        pytest.param("Zu\u0308rich", "form NFC", id="a letter and its dots apart"),
        pytest.param("\u212b", "form NFC", id="a sign that is a letter"),
        pytest.param(5, "ids are text", id="a number"),
        pytest.param(None, "ids are text", id="nothing"),
        pytest.param(b"acme", "ids are text", id="bytes"),
    ],
)
def test_text_that_is_not_an_id_is_refused(name: str, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        identifier(name)


def test_an_id_has_at_most_200_characters() -> None:
    with pytest.raises(LimitExceededError, match="more than 200 characters") as caught:
        identifier("x" * (MAX_ID_LENGTH + 1))
    assert len(str(caught.value)) < 100


@given(st.text(max_size=250))
def test_an_id_can_be_written_in_one_line(text: str) -> None:
    try:
        name = identifier(text)
    except InvalidValueError:
        return
    assert name == text
    assert name.isprintable()
    assert name.splitlines() == [name]


def test_an_enum_member_is_an_id() -> None:
    assert identifier(Milestone.UPDATE) == "update"


def test_an_optional_id_may_be_none() -> None:
    assert optional_identifier(None) is None
    assert optional_identifier("acme") == "acme"
    with pytest.raises(InvalidValueError):
        optional_identifier("")


def test_ids_keep_their_order_and_a_single_text_is_one() -> None:
    assert identifiers(["b", "a"]) == ("b", "a")
    assert identifiers("ab") == ("ab",)
    assert identifiers(()) == ()
    assert identifier_set(["b", "a", "b"]) == frozenset({"a", "b"})
    assert identifier_set("ab") == frozenset({"ab"})


def test_one_bad_id_among_many_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="` x`"):
        identifiers(["a", " x"])


def _can_name(text: str) -> bool:
    try:
        identifier(text)
    except InvalidValueError:
        return False
    return True


names = st.text(st.sampled_from("a/:@~#| é"), min_size=1, max_size=200).filter(_can_name)


@given(st.tuples(names, names), st.tuples(names, names))
def test_different_parts_make_different_keys_whatever_characters_ids_hold(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert (key("hold", *one) == key("hold", *other)) == (one == other)
    assert key("hold", *one) != key("commit", *one)


@given(names, names)
def test_no_id_is_a_key_and_a_key_has_its_parts(one: str, other: str) -> None:
    made = key("hold", one, other, 7)
    with pytest.raises(InvalidValueError, match="for keys only"):
        identifier(made)
    assert identifier_or_key(made) == made
    assert key_parts(made) == ("hold", one, other, "7") or len(one + other) > 150
    assert key_parts(one) == (one,)


def test_a_key_of_long_ids_is_made_of_their_digest() -> None:
    long = "x" * MAX_ID_LENGTH
    assert len(key("hold", long, long)) <= MAX_ID_LENGTH
    assert key("hold", long, long) != key("hold", long, long[1:])
    assert identifier_or_key(key("hold", long, long)) == key("hold", long, long)


@given(st.text(max_size=250))
def test_different_ids_look_different(text: str) -> None:
    try:
        name = identifier(text)
    except InvalidValueError as error:
        str(error).encode()
        return
    assert normalize("NFC", name) == name
    assert all(category(letter) not in {"Cf", "Cc", "Cs", "Co", "Cn"} for letter in name)


@pytest.mark.parametrize("text", ["\ud800 ", " " + "\udfff" * 300, "\ud800" * 300])
def test_error_messages_about_ids_can_be_encoded(text: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        identifier(text)
    str(caught.value).encode()
