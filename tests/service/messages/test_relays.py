"""Relays that are killed, in small; `relays.py` runs longer."""

from pathlib import Path

import pytest
from tests.service.messages.relays import Received, check, run


@pytest.mark.parametrize(("messages", "endpoints"), [(200, 0), (100, 2)])
def test_nothing_is_lost_or_out_of_order_when_relays_are_killed(
    tmp_path: Path, messages: int, endpoints: int
) -> None:
    url = f"sqlite:///{tmp_path}/outbox.db"
    kills, repeated = run(url, messages, 20, relays=2, kill_after=60, endpoints=endpoints)
    assert kills > 0
    assert repeated >= 0


def test_the_check_finds_what_is_lost_out_of_order_or_twice_at_once() -> None:
    good = [Received(f"t/{n}", "R-0", float(n), n + 0.5) for n in (1, 2, 3)]
    assert check(good, 3, 1) == 0
    assert check([*good, good[2]._replace(begin=9.0, end=None)], 3, 1) == 1
    for found, why in (
        (good[:2], "1 messages are lost"),
        ([good[1], good[0], good[2]], "1 after 2"),
        ([*good, good[2]._replace(begin=3.2)], "t/3 was delivered twice at once"),
    ):
        with pytest.raises(AssertionError, match=why):
            check(found, 3, 1)
