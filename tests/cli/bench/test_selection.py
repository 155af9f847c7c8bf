from __future__ import annotations

from argparse import Namespace

import pytest

from entitlements.cli.bench.selection import named_contenders, named_worlds, summaries
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.testing.routing_bench import CONTENDERS, WORLDS, make_world


def asked(*worlds: str) -> Namespace:
    return Namespace(world=list(worlds) or None, agents=3, pieces=4, seed=5)


def test_the_real_day_is_measured_where_no_world_is_named() -> None:
    assert named_worlds(asked()) == (make_world("real_day", agents=3, pieces=4, seed=5),)


def test_a_size_that_is_not_asked_for_is_that_of_the_library() -> None:
    (world,) = named_worlds(Namespace(world=["chat"], agents=None, pieces=9, seed=None))
    assert world == make_world("chat", pieces=9)


def test_a_size_is_refused_where_no_world_has_one() -> None:
    with pytest.raises(InvalidValueError) as caught:
        named_worlds(Namespace(world=["day.jsonl"], agents=None, pieces=9, seed=1))
    assert caught.value.path == "--pieces"


def test_all_worlds_can_be_named_at_once() -> None:
    assert [each.name for each in named_worlds(asked("all"))] == list(WORLDS)


def test_all_contenders_can_be_named_at_once_and_those_that_cannot_run_say_why() -> None:
    makers = named_contenders("all", None)
    assert list(makers) == list(CONTENDERS)
    assert makers["desk_postgres"] == "no database was named"


def test_an_unknown_name_says_in_which_option_it_is() -> None:
    with pytest.raises(UnknownIdError) as caught:
        named_contenders("live,nobody", None)
    assert caught.value.path == "--contenders"


def test_every_world_and_contender_has_a_line() -> None:
    lines = summaries().splitlines()
    assert len(lines) == len(WORLDS) + len(CONTENDERS) + 2
    assert all(len(line.split("  ", 1)[1].split()) > 2 for line in lines if line.startswith(" "))
