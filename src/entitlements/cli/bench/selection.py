"""Worlds and contenders of the benchmark as the command line names them."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Final

from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.testing.routing_bench import (
    CONTENDERS,
    WORLDS,
    ContenderMaker,
    World,
    contender_maker,
    make_world,
    read_world,
)

ALL: Final = "all"
DEFAULT_WORLD: Final = "real_day"
SIZES: Final = ("agents", "pieces", "seed")


def named_worlds(asked: Namespace) -> tuple[World, ...]:
    """Return the worlds that `--world` names, of the size that was asked for.

    Raises:
        EntitlementsError: A name is unknown, a file is no world, or a size is out of range, or
            there are only files, which have their size.
    """
    named = asked.world or [DEFAULT_WORLD]
    names = [name for each in named for name in (WORLDS if each == ALL else [each])]
    size = {name: asked_for for name in SIZES if (asked_for := getattr(asked, name)) is not None}
    if size and all(map(_is_file, names)):
        raise InvalidValueError("the world is that of the file", path=f"--{next(iter(size))}")
    return tuple(_world(name, size) for name in names)


def _is_file(name: str) -> bool:
    return name not in WORLDS and bool(Path(name).suffix)


def _world(name: str, size: dict[str, int]) -> World:
    if _is_file(name):
        return read_world(name)
    try:
        return make_world(name, **size)
    except EntitlementsError as error:
        error.path = "--world" if name not in WORLDS else None
        raise


def named_contenders(names: str, database: str | None) -> dict[str, ContenderMaker | str]:
    """Return what makes each contender, by the name in tables, or why it is left out.

    Raises:
        EntitlementsError: A name is unknown or twice there, or a class is no contender.
    """
    makers: dict[str, ContenderMaker | str] = {}
    for name in list(CONTENDERS) if names == ALL else names.split(","):
        try:
            maker = contender_maker(name.strip(), database=database)
        except EntitlementsError as error:
            error.path = "--contenders"
            raise
        shown = name.strip() if isinstance(maker, str) else getattr(maker, "name", name.strip())
        if shown in makers:
            raise InvalidValueError(f"`{shown}` is there twice", path="--contenders")
        makers[shown] = maker
    return makers


def summaries() -> str:
    """Return the known worlds and contenders, a line for each."""
    width = max(map(len, [*WORLDS, *CONTENDERS]))
    worlds = [
        f"  {name:<{width}}  {(make.__doc__ or '').partition(chr(10))[0]}"
        for name, make in WORLDS.items()
    ]
    contenders = [f"  {name:<{width}}  {each.summary}" for name, each in CONTENDERS.items()]
    return "\n".join(["worlds", *worlds, "contenders", *contenders, ""])
