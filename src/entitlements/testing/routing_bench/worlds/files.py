"""Worlds in files: JSON lines, so that other programs can replay the same stream.

The first line describes the world, then follows a line for each agent, then one for each event in
order of time. Events are read from the file whenever they are asked for, so that a file may be
larger than memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final, final

import attrs

from entitlements.kernel.errors import DocumentError, EntitlementsError, InvalidValueError
from entitlements.testing.routing_bench.worlds.events import (
    EVENT_KINDS,
    Event,
    Needs,
    Piece,
    Relaxation,
    SkillChange,
    StatusChange,
)
from entitlements.testing.routing_bench.worlds.world import World, WorldAgent, WorldShift

FORMAT: Final = "entitlements-routing-world-1"
MAX_LINE: Final = 1 << 20
_NAMES: Final = {kind: name for name, kind in EVENT_KINDS.items()}
_NESTED: Final[Mapping[tuple[type, str], type]] = {
    (Piece, "needs"): Needs,
    (WorldAgent, "shift"): WorldShift,
}


def write_world(world: World, path: str | Path) -> int:
    """Write a world to a file and return the number of its events; an existing file is replaced.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from entitlements.testing.routing_bench import make_world
    >>> world = make_world("uniform", agents=2, pieces=3)
    >>> with TemporaryDirectory() as folder:
    ...     write_world(world, Path(folder, "world.jsonl"))
    3

    Raises:
        InvalidValueError: the file cannot be written.
    """
    events = 0
    try:
        with Path(path).open("w", encoding="utf-8", newline="\n") as file:
            for line in world_lines(world):
                events += '"event"' in line[:9]
                file.write(line + "\n")
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a file name").lower()
        raise InvalidValueError(f"`{path}` cannot be written: {why}") from None
    return events


def world_lines(world: World) -> Iterator[str]:
    """Yield the lines of the file, without line ends."""
    head = {
        "format": FORMAT, "name": world.name, "seed": world.seed, "start": world.start,
        "order": world.order.value, "pieces": world.pieces, "agents": len(world.agents),
    }  # fmt: skip
    yield _json(head)
    for agent in world.agents:
        yield _json({"agent": _plain(agent)})
    for event in world.events:
        yield _json({"event": _NAMES[type(event)], **_plain(event)})


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """Return a value as plain data, without what has its default."""
    if attrs.has(type(value)):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in attrs.fields(type(value))
            if getattr(value, field.name) != _default(type(value), field.name)
        }
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _default(kind: type, name: str) -> object:
    return _DEFAULTS.setdefault(kind, _defaults(kind)).get(name, attrs.NOTHING)


def _defaults(kind: type) -> dict[str, object]:
    found = {}
    for field in attrs.fields(kind):
        if field.default is not attrs.NOTHING:
            default = field.default
            found[field.name] = field.converter(default) if field.converter else default
    return found


_DEFAULTS: dict[type, dict[str, object]] = {}


def read_world(path: str | Path) -> World:
    """Return the world in a file; its events are read and checked whenever they are asked for.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from entitlements.testing.routing_bench import make_world, write_world
    >>> world = make_world("uniform", agents=2, pieces=3)
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_world(world, Path(folder, "world.jsonl"))
    ...     list(read_world(Path(folder, "world.jsonl")).events) == list(world.events)
    True

    Raises:
        InvalidValueError: the file cannot be opened.
        DocumentError: a line is wrong; the error names it. The events raise the same.
    """
    lines = _numbered_lines(Path(path))
    number, head = next(lines, (1, b""))
    place = f"{path}:{number}"
    data = _object(head, place)
    if data.pop("format", None) != FORMAT:
        raise DocumentError([f'{place}: not a world: no `"format":"{FORMAT}"`'])
    expected = data.pop("agents", None)
    if type(expected) is not int or expected < 0:
        raise DocumentError([f"{place}: `agents` is not a number of lines"])
    agents: list[WorldAgent] = []
    for number, line in lines:
        if len(agents) == expected:
            break
        place = f"{path}:{number}"
        data_of_agent = _object(line, place)
        if set(data_of_agent) != {"agent"}:
            raise DocumentError([f"{place}: agent {len(agents) + 1} of {expected} is missing"])
        agents.append(_built(WorldAgent, data_of_agent["agent"], place))
    if len(agents) != expected:
        raise DocumentError([f"{place}: the file ends after {len(agents)} of {expected} agents"])
    source = FileEvents(str(path), expected + 1, frozenset(each.id for each in agents))
    world: World = _built(World, {**data, "agents": agents, "events": source}, f"{path}:1")
    return world


@final
@attrs.frozen
class FileEvents:
    """The events in a file, read again at every iteration.

    Attributes:
        path: The file.
        skipped: Number of lines before the first event.
        agents: Ids of the agents, of whom changes may speak.
    """

    path: str
    skipped: int
    agents: frozenset[str]

    def __iter__(self) -> Iterator[Event]:
        """Yield all events in order.

        Raises:
            InvalidValueError: the file cannot be opened.
            DocumentError: a line is wrong, out of order, or has the id of an earlier piece.
        """
        last, pieces = 0, set[str]()
        for number, line in _numbered_lines(Path(self.path)):
            if number <= self.skipped:
                continue
            place = f"{self.path}:{number}"
            event = _event(line, place)
            if event.at < last:
                raise DocumentError([f"{place}: `at` is earlier than in the line before"])
            last = event.at
            if isinstance(event, SkillChange | StatusChange) and event.agent not in self.agents:
                raise DocumentError([f"{place}: no agent has the id `{event.agent}`"])
            if isinstance(event, Piece):
                if event.id in pieces:
                    raise DocumentError([f"{place}: there are two pieces `{event.id}`"])
                pieces.add(event.id)
            yield event


def _event(line: bytes, place: str) -> Event:
    data = _object(line, place)
    kind = data.pop("event", None)
    if not isinstance(kind, str) or kind not in EVENT_KINDS:
        raise DocumentError([f"{place}: `event` is not one of {', '.join(EVENT_KINDS)}"])
    event: Event = _built(EVENT_KINDS[kind], data, place)
    return event


def _numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise DocumentError([f"{path}:{number}: longer than {MAX_LINE} bytes"])
                yield number, line
    except (OSError, ValueError) as error:
        if isinstance(error, EntitlementsError):
            raise
        why = (getattr(error, "strerror", None) or "not a file name").lower()
        raise InvalidValueError(f"`{path}` cannot be read: {why}") from None


def _object(line: bytes, place: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise DocumentError([f"{place}: not JSON"]) from None
    if not isinstance(data, dict):
        raise DocumentError([f"{place}: not an object"])
    return data


def _built(kind: Any, data: object, place: str) -> Any:
    """Return the value that `data` describes; every error names the place."""
    if not isinstance(data, Mapping):
        raise DocumentError([f"{place}: {kind.__name__} is not an object"])
    fields = {field.name for field in attrs.fields(kind)}
    if unknown := sorted(set(data) - fields):
        raise DocumentError([f"{place}: `{unknown[0]}` is not a key here"])
    given = dict(data)
    for name, value in data.items():
        nested = _NESTED.get((kind, name))
        if nested is not None and value is not None:
            given[name] = _built(nested, value, place)
    if kind is Piece and isinstance(given.get("relaxation"), list):
        given["relaxation"] = [_built(Relaxation, each, place) for each in given["relaxation"]]
    try:
        return kind(**given)
    except EntitlementsError as error:
        raise DocumentError([f"{place}: {error}"]) from None
    except (TypeError, AttributeError, ValueError):
        missing = [
            field.name
            for field in attrs.fields(kind)
            if field.default is attrs.NOTHING and field.name not in given
        ]
        what = f"`{missing[0]}` is missing" if missing else "a value of the wrong type"
        raise DocumentError([f"{place}: {what}"]) from None
