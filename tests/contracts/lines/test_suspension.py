"""Active blocks: computed in one pass, and block by block."""

from datetime import timedelta
from random import Random

from entitlements.contracts import Block
from entitlements.contracts.lines.suspension import NO_SUSPENSION, ActiveBlocks, combined_suspension
from entitlements.contracts.records.changes import BlockEffect
from entitlements.kernel.instants import to_micros, utc

START = utc("2026-01-01T00:00Z")
HOUR = timedelta(hours=1)


def some_blocks(random: Random, count: int) -> list[Block]:
    """Return blocks that begin and end at full hours, some of them never."""
    found = []
    for number in range(count):
        begin = START + random.randrange(40) * HOUR
        lasts = random.choice([1, 1, 5, 60, None])
        found.append(
            Block(
                id=f"B{random.random()}-{number}",
                start=begin,
                end=None if lasts is None else begin + lasts * HOUR,
                effects=random.choice([{"access"}, {"change"}, {"access", "consumption"}]),
                pauses_clocks=random.random() < 0.02,
            )
        )
    return found


def test_what_runs_is_what_has_begun_and_not_ended() -> None:
    for count in (0, 1, 3, 100, 400):
        random = Random(count)  # noqa: S311 - a seed has to replay it
        blocks, others = some_blocks(random, count), some_blocks(random, 2)
        parts = [ActiveBlocks(blocks), ActiveBlocks(others)]
        for hour in range(-1, 110):
            for at in (START + hour * HOUR, START + hour * HOUR - timedelta(microseconds=1)):
                now = [
                    each
                    for each in [*blocks, *others]
                    if each.start <= at and (each.end is None or at < each.end)
                ]
                found = combined_suspension(parts, to_micros(at))
                assert found.blocks == tuple(sorted(each.id for each in now))
                assert found.blocked == {effect for each in now for effect in each.effects}
                assert found.pauses_clocks == any(each.pauses_clocks for each in now)


def test_the_first_of_very_many_blocks_is_active_alone() -> None:
    blocks = [Block(id=f"B{n:03}", start=START + n * HOUR) for n in range(300)]
    parts = [ActiveBlocks(blocks)]
    for count in (1, 2, 128, 129, 130, 256, 257, 300):
        found = combined_suspension(parts, to_micros(START + (count - 1) * HOUR))
        assert found.blocks == tuple(each.id for each in blocks[:count])


def test_without_blocks_nothing_is_prevented() -> None:
    assert combined_suspension([], 0) == combined_suspension([ActiveBlocks([])], 0) == NO_SUSPENSION
    assert BlockEffect.ACCESS not in NO_SUSPENSION.blocked
