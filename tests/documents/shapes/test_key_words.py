from __future__ import annotations

import pytest

from entitlements.documents.shapes.key_words import meant_key

PLAN = ["name", "service", "hours", "group", "severities", "channels", "first_response", "update"]


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("chanels", "channels"),
        ("severites", "severities"),
        ("First Response", "first_response"),
        ("frist_response", "first_response"),
        ("priorities", "severities"),
        ("team", "group"),
        ("calendar", "hours"),
        ("response_time", "first_response"),
    ],
)
def test_a_misspelled_key_or_another_word_means_a_key_of_this_mapping(word: str, key: str) -> None:
    assert meant_key(word, PLAN) == key


@pytest.mark.parametrize("word", ["price", "xyzq", "timezone", ""])
def test_a_word_that_is_like_no_key_here_means_none(word: str) -> None:
    assert meant_key(word, PLAN) is None


def test_a_word_means_a_key_only_where_that_is_possible() -> None:
    assert meant_key("hours", ["week", "zone"]) == "week"
    assert meant_key("timezone", ["week", "zone"]) == "zone"
