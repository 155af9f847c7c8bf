from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.kernel.errors import DocumentError, InvalidValueError
from entitlements.testing.routing_bench import (
    WORLDS,
    Needs,
    Piece,
    Relaxation,
    Reprioritisation,
    ServiceOrder,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
    World,
    WorldAgent,
    WorldShift,
    make_world,
    read_world,
    write_world,
)
from entitlements.testing.routing_bench.worlds.files import FORMAT

ids = st.sampled_from(["ada", "bob", "øyvind", 'quote"d', "p 1"])
levels = st.dictionaries(ids, st.integers(1, 2**31 - 1), max_size=3)
instants = st.integers(0, 2**53)
needs = st.builds(
    Needs, skills=levels, groups=st.sets(ids), channel=st.none() | ids, clearances=st.sets(ids),
    regions=st.sets(ids),
)  # fmt: skip
steps = st.builds(
    Relaxation,
    after=st.integers(1, 2**53),
    lower=st.dictionaries(ids, st.integers(0, 5), max_size=2),
    any_group=st.booleans(),
)
pieces = st.builds(
    Piece, at=instants, id=ids, needs=needs, rank=st.integers(0, 9), due=st.none() | instants,
    handling=instants, relaxation=steps.map(lambda each: (each,)) | st.just(()),
)  # fmt: skip
changes = st.one_of(
    st.builds(SkillChange, at=instants, agent=st.just("ada"), skills=levels),
    st.builds(StatusChange, at=instants, agent=st.just("ada"), away=st.booleans()),
    st.builds(WorkTransfer, at=instants, work=ids),
    st.builds(Reprioritisation, at=instants, work=ids, rank=st.integers(0, 9)),
    st.builds(Withdrawal, at=instants, work=ids),
)
shifts = st.builds(
    WorldShift,
    zone=st.sampled_from(["UTC", "Europe/Berlin"]),
    opens=st.integers(0, 700),
    closes=st.integers(701, 1440),
    days=st.sets(st.integers(0, 6)),
)
agents = st.builds(
    WorldAgent, id=st.just("ada"), skills=levels, groups=st.sets(ids),
    capacity=st.none() | st.integers(0, 9),
    channels=st.none() | st.dictionaries(ids, st.integers(0, 9)), clearances=st.sets(ids),
    region=st.none() | ids, shift=st.none() | shifts,
    breaks=st.sampled_from([(), [(1, 5), (5, 9)]]),
)  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a world of one agent, whose events are in order."""
    events = draw(st.lists(pieces, max_size=4, unique_by=lambda each: each.id))
    events += draw(st.lists(changes, max_size=4))
    return World(
        name=draw(ids), seed=draw(st.integers(0, 9)), start=draw(instants),
        order=draw(st.sampled_from(ServiceOrder)), pieces=draw(st.integers(0, 9)),
        agents=[draw(agents)], events=tuple(sorted(events, key=lambda each: each.at)),
    )  # fmt: skip


def same(one: World, other: World) -> bool:
    """Return whether two worlds are equal but for where their events come from."""
    heads = [(w.name, w.seed, w.start, w.order, w.pieces, w.agents) for w in (one, other)]
    return heads[0] == heads[1] and list(one.events) == list(other.events)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(worlds())
def test_a_world_read_back_is_the_world_that_was_written(tmp_path: Path, world: World) -> None:
    file = tmp_path / "world.jsonl"
    assert write_world(world, file) == len(list(world.events))
    assert same(read_world(file), world)


@pytest.mark.parametrize("name", WORLDS)
def test_every_named_world_is_read_back(name: str, tmp_path: Path) -> None:
    world = make_world(name, agents=12, pieces=80)
    write_world(world, tmp_path / "world.jsonl")
    assert same(read_world(tmp_path / "world.jsonl"), world)


def test_a_line_of_a_file_holds_what_differs_from_the_defaults(tmp_path: Path) -> None:
    world = World(
        name="one", pieces=1, agents=[WorldAgent(id="ada", skills={"oracle": 2}, capacity=1)],
        events=(Piece(at=5, id="p1", needs=Needs(skills={"oracle": 1}), handling=7),),
    )  # fmt: skip
    write_world(world, tmp_path / "world.jsonl")
    lines = (tmp_path / "world.jsonl").read_text().splitlines()
    assert [json.loads(each) for each in lines] == [
        {
            "format": FORMAT, "name": "one", "seed": 0, "start": 0, "order": "rank",
            "pieces": 1, "agents": 1,
        },
        {"agent": {"id": "ada", "skills": {"oracle": 2}, "capacity": 1}},
        {"event": "piece", "at": 5, "id": "p1", "needs": {"skills": {"oracle": 1}}, "handling": 7},
    ]  # fmt: skip


HEAD = json.dumps({"format": FORMAT, "name": "w", "pieces": 1, "agents": 1})
AGENT = '{"agent":{"id":"ada"}}'
PIECE = '{"event":"piece","at":5,"id":"p1","handling":7}'


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param([], "w.jsonl:1: not JSON", id="an empty file"),
        pytest.param(["[]"], "w.jsonl:1: not an object", id="no object"),
        pytest.param(['{"name":"w"}'], "w.jsonl:1: not a world", id="another document"),
        pytest.param([HEAD], "the file ends after 0 of 1 agents", id="an agent is missing"),
        pytest.param(
            [HEAD.replace('"agents": 1', '"agents": -1')], "`agents` is not a number", id="minus"
        ),
        pytest.param([HEAD, PIECE], "w.jsonl:2: agent 1 of 1 is missing", id="no agent"),
        pytest.param(
            [HEAD, '{"agent":{"id":"ada","capasity":1}}'], "w.jsonl:2: `capasity`", id="a typo"
        ),
        pytest.param(
            [HEAD, '{"agent":{"id":"ada","capacity":"x"}}'], "w.jsonl:2: ", id="a wrong type"
        ),
        pytest.param([HEAD, '{"agent":{}}'], "w.jsonl:2: `id` is missing", id="no id"),
        pytest.param([HEAD, AGENT, "{"], "w.jsonl:3: not JSON", id="half a line"),
        pytest.param([HEAD, AGENT, '{"event":"peace"}'], "w.jsonl:3: `event` is not", id="kind"),
        pytest.param(
            [HEAD, AGENT, PIECE, PIECE], "w.jsonl:4: there are two pieces `p1`", id="twice"
        ),
        pytest.param(
            [HEAD, AGENT, PIECE, PIECE.replace("5", "4").replace("p1", "p2")],
            "w.jsonl:4: `at` is earlier",
            id="back in time",
        ),
        pytest.param(
            [HEAD, AGENT, '{"event":"status","at":1,"agent":"bob","away":true}'],
            "w.jsonl:3: no agent has the id `bob`",
            id="an unknown agent",
        ),
        pytest.param(
            [HEAD, AGENT, PIECE.replace("5", "NaN")], "w.jsonl:3: ", id="an instant of NaN"
        ),
        pytest.param(
            [HEAD, AGENT, PIECE[:-1] + ',"needs":{"skills":[1]}}'], "w.jsonl:3: ", id="skills"
        ),
        pytest.param(
            [HEAD, AGENT, PIECE[:-1] + ',"relaxation":[{"after":0}]}'], "w.jsonl:3: ", id="step"
        ),
    ],
)
def test_a_wrong_line_is_named(lines: list[str], problem: str, tmp_path: Path) -> None:
    file = tmp_path / "w.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(DocumentError) as caught:
        list(read_world(file).events)
    assert problem in str(caught.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="cannot be read: no such file"):
        read_world(tmp_path / "none.jsonl")
    with pytest.raises(InvalidValueError, match="cannot be written"):
        write_world(make_world("chat", agents=1, pieces=1), tmp_path / "no" / "w.jsonl")


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.jsonl"
    file.write_bytes(b" " * (1 << 21))
    with pytest.raises(DocumentError, match=r"w\.jsonl:1: longer than"):
        read_world(file)
