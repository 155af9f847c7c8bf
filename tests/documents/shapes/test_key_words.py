from __future__ import annotations

import pytest

from entitlements.documents.shapes.key_words import meant_calendar, meant_key

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


@pytest.mark.parametrize("word", ["24x7", "24/7", "Around the  clock", "24 hours"])
def test_a_word_for_around_the_clock_means_always(word: str) -> None:
    assert meant_calendar(word) == "write `always`"


@pytest.mark.parametrize("word", ["cut-off 15:00", "Cutoff: 15:00", "cut_off 15:00"])
def test_a_cut_off_behind_an_amount_is_a_key_of_the_plan(word: str) -> None:
    assert meant_calendar(word) == "write `cut_off: 15:00` as a key of the plan"


@pytest.mark.parametrize("word", ["busines", "", "24x5"])
def test_another_name_of_a_calendar_means_nothing_else(word: str) -> None:
    assert meant_calendar(word) is None
