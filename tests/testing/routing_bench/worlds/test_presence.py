from __future__ import annotations

from itertools import islice, takewhile

from hypothesis import given
from hypothesis import strategies as st

from entitlements.testing.routing_bench import Presence, WorldAgent, WorldShift
from entitlements.testing.routing_bench.contenders.values import calendar_of
from entitlements.testing.routing_bench.worlds.events import LATEST
from entitlements.testing.routing_bench.worlds.named import START

HOUR = 3_600_000_000
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
shifts = st.builds(
    WorldShift,
    zone=zones,
    opens=st.integers(240, 700),
    closes=st.integers(701, 1440),
    days=st.sets(st.integers(0, 6)),
)


@given(shifts, st.lists(st.integers(0, 90 * 24 * 60), min_size=1, max_size=20))
def test_a_shift_is_on_when_the_calendar_of_equal_hours_is_open(
    shift: WorldShift, minutes: list[int]
) -> None:
    """Two computations that share no code; the clocks of Berlin and New York change inside."""
    presence = Presence([WorldAgent(id="ada", shift=shift)])
    timeline = calendar_of(shift).timeline
    for minute in minutes:
        at = START + minute * 60_000_000
        assert presence.on_duty("ada", at) == timeline.is_open(at)


@given(shifts)
def test_edges_are_the_openings_and_closings_of_the_calendar(shift: WorldShift) -> None:
    presence = Presence([WorldAgent(id="ada", shift=shift)])
    timeline = calendar_of(shift).timeline
    at = START
    for edge in islice(presence.edges(START), 30):
        changes = [timeline.next_open(at), timeline.next_close(at)]
        assert edge == min(each for each in changes if each is not None)
        at = edge


def test_a_break_begins_at_its_start_and_is_over_at_its_end() -> None:
    presence = Presence([WorldAgent(id="ada", breaks=[(10, 20), (20, 30), (40, 50)])])
    on = [at for at in range(60) if presence.on_duty("ada", at)]
    assert on == [*range(10), *range(30, 40), *range(50, 60)]
    assert list(presence.edges(0)) == [10, 20, 30, 40, 50]


def test_a_shift_without_days_has_no_edges() -> None:
    never = WorldAgent(id="ada", shift=WorldShift(zone="UTC", opens=0, closes=60, days=()))
    assert list(Presence([never]).edges(START)) == []
    assert not Presence([never]).on_duty("ada", START)


def test_a_shift_ends_no_later_than_time_does() -> None:
    daily = WorldAgent(id="ada", shift=WorldShift(zone="UTC", opens=0, closes=1_439))
    soon = takewhile(lambda at: at < START + 50 * HOUR, Presence([daily]).edges(START))
    assert list(soon) == [START + n * 24 * HOUR - m for n in (1, 2) for m in (60_000_000, 0)]
    assert LATEST > START
