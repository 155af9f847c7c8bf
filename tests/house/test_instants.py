"""Instants of calls: what asks about an instant, or acts at one, takes a `datetime` and no text.

Values are made of text, too, as documents write them; a call says that the text is to be parsed.
"""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from tests.house.house import MODULES, Module
from tests.house.test_nonsense import (
    DESK_METHODS,
    NOW,
    WORDS,
    WORDS_OF,
    build,
    callables,
    desk,
    valid,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import InvalidValueError
from entitlements.outcomes import notice_register, stored_report, sweep_notices
from entitlements.service import AdmitRequest, Desk

TEXT = "2026-03-27T14:00:00Z"
OF_THE_DESK = {
    "execute": {"command": build(AdmitRequest)},
    "do_all": {"commands": [build(AdmitRequest)]},
}
# The account, or the work, is not there, which is said first.
ASKED_FIRST = {("engine.statement", "known_at"), ("routing.Roster.transfer", "at")}


def is_instant(hint: object) -> bool:
    return hint is datetime or typing.get_args(hint) == (datetime, type(None))


def asked() -> Iterator[tuple[str, Callable[..., object], str]]:
    """Yield each function with each of its parameters that is an instant."""
    for name, function in callables():
        for parameter, hint in typing.get_type_hints(function).items():
            if parameter != "return" and is_instant(hint) and (name, parameter) not in ASKED_FIRST:
                yield name, function, parameter


@pytest.mark.parametrize(
    ("function", "parameter"),
    [pytest.param(function, each, id=f"{name} {each}") for name, function, each in asked()],
)
def test_a_function_takes_no_text_for_an_instant(
    function: Callable[..., object], parameter: str
) -> None:
    hints, words = typing.get_type_hints(function), WORDS | WORDS_OF.get(function.__name__, {})
    needed = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.default is each.empty and each.kind is not each.VAR_POSITIONAL
    ]
    base: dict[str, Any] = {
        each.name: words.get(each.name) or valid(hints[each.name]) for each in needed
    }

    def ask() -> None:
        found = function(**base | {parameter: TEXT})
        list(found if isinstance(found, Iterator) else ())

    with pytest.raises(InvalidValueError, match=r"is text, not an instant \(parse it first"):
        ask()


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        (name, parameter)
        for name in DESK_METHODS
        for parameter, hint in typing.get_type_hints(getattr(Desk, name)).items()
        if parameter != "return" and is_instant(hint)
    ],
)
def test_a_desk_takes_no_text_for_an_instant(name: str, parameter: str) -> None:
    base = DESK_METHODS[name] | OF_THE_DESK.get(name, {})
    with pytest.raises(InvalidValueError, match="is text, not an instant"):
        getattr(desk(), name)(**base | {parameter: TEXT})


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: sweep_notices(desk(), TEXT), id="sweep_notices"),  # type: ignore[arg-type]
        pytest.param(lambda: notice_register(desk(), known_at=TEXT), id="notice_register"),  # type: ignore[arg-type]
        pytest.param(
            lambda: stored_report(MemoryStore(), TEXT, NOW, tenant="t"),  # type: ignore[arg-type]
            id="stored_report",
        ),
    ],
)
def test_an_outcome_takes_no_text_for_an_instant(call: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError, match="is text, not an instant"):
        call()


def read_from_text(module: Module) -> Iterator[str]:
    """Yield where a parameter that is an instant is given to what reads text."""
    for function in module.nodes:
        if isinstance(function, ast.FunctionDef):
            given = function.args
            instants = {
                each.arg
                for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)
                if each.annotation is not None
                and ast.unparse(each.annotation) in {"datetime", "datetime | None"}
            }
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and ast.unparse(node.func) in {"utc", "utc_or_none"}
                    and isinstance(node.args[0], ast.Name)
                    and node.args[0].id in instants
                ):
                    yield module.where(node)


def test_no_function_reads_its_instant_from_text() -> None:
    checked = [each for each in MODULES if each.floor != "testing"]
    assert [where for each in checked for where in read_from_text(each)] == []
