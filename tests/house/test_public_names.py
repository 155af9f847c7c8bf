"""The public names and signatures change on purpose only; `make names` accepts a change."""

from __future__ import annotations

import enum
import importlib
import inspect
import json
import re
import subprocess
import sys
import typing
from collections.abc import Iterator

import attrs
import pytest
from syrupy.assertion import SnapshotAssertion
from tests.house.house import MODULES, ROOT

PACKAGES = [
    each.name
    for each in MODULES
    if each.is_package and "migrations" not in each.path.parts and "__all__" in each.text
]


def written(annotation: object) -> str:
    """Return an annotation as the source writes it, the same on every Python."""
    if annotation is inspect.Parameter.empty or annotation is inspect.Signature.empty:
        return ""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])", "", text).replace("'", "")


def shown(default: object) -> str:
    """Return a default value if it is short and stable, or dots."""
    plain = isinstance(default, bool | int | str | tuple | None) and not isinstance(
        default, enum.Enum
    )
    if isinstance(default, enum.Enum):
        return f"{type(default).__name__}.{default.name}"
    return repr(default) if plain and len(repr(default)) < 40 else "..."


def signature_of(function: object) -> str:
    """Return `(a: int, *, b: str = '') -> bool` for a function."""
    try:
        signature = inspect.signature(typing.cast("typing.Any", function))
    except (TypeError, ValueError):
        return "(...)"
    marks, parts = inspect.Parameter, []
    star = False
    for each in signature.parameters.values():
        if each.kind is marks.KEYWORD_ONLY and not star:
            parts.append("*")
        star = star or each.kind in {marks.KEYWORD_ONLY, marks.VAR_POSITIONAL}
        prefix = {marks.VAR_POSITIONAL: "*", marks.VAR_KEYWORD: "**"}.get(each.kind, "")
        text = prefix + each.name
        if kind := written(each.annotation):
            text += f": {kind}"
        if each.default is not marks.empty:
            text += f" = {shown(each.default)}"
        parts.append(text)
    result = written(signature.return_annotation)
    return f"({', '.join(parts)})" + (f" -> {result}" if result else "")


def parameters_of(kind: type) -> str:
    """Return how a class that is no value class is built; a protocol is not."""
    ours = [each for each in kind.__mro__ if each.__module__.startswith("entitlements")]
    built = any("__init__" in vars(each) for each in ours)
    built = built and not getattr(kind, "_is_protocol", False)
    return signature_of(kind).removesuffix(" -> None") if built else ""


def fields_of(kind: type) -> str:
    """Return how a value class is built."""
    parts = []
    for each in attrs.fields(kind):
        if each.init:
            star = "" if not each.kw_only or any(part == "*" for part in parts) else "*, "
            default = "" if each.default is attrs.NOTHING else f" = {shown(each.default)}"
            parts += ["*"] if star else []
            parts.append(f"{each.alias}: {written(each.type)}{default}")
    return f"({', '.join(parts)})"


def members_of(kind: type) -> Iterator[str]:
    """Yield the public methods and properties that `kind` itself or a base of ours defines."""
    slots = {each.name for each in attrs.fields(kind)} if attrs.has(kind) else set()
    ours = [each for each in kind.__mro__ if each.__module__.startswith("entitlements")]
    names = {name for each in ours for name in vars(each) if not name.startswith("_")}
    for name in sorted(names - slots):
        member = inspect.getattr_static(kind, name)
        if isinstance(member, property):
            result = written(inspect.signature(member.fget).return_annotation)  # type: ignore[arg-type]
            yield f"    {name}: {result}"
        elif isinstance(member, classmethod | staticmethod):
            yield f"    {type(member).__name__} {name}{signature_of(member.__func__)}"
        elif inspect.isfunction(member):
            yield f"    {name}{signature_of(member)}"
        else:
            yield f"    {name}"


def described(name: str, thing: object) -> Iterator[str]:
    """Yield the lines that describe one public name."""
    if isinstance(thing, type) and issubclass(thing, enum.Enum):
        yield f"{name}: enum"
        yield from (f"    {each.name} = {each.value!r}" for each in thing)
    elif isinstance(thing, type):
        yield f"class {name}{fields_of(thing) if attrs.has(thing) else parameters_of(thing)}"
        yield from members_of(thing)
    elif inspect.isfunction(thing):
        yield f"{name}{signature_of(thing)}"
    elif typing.get_args(thing):
        yield f"{name} = {written(str(thing))}"
    else:
        value = f" = {thing!r}" if isinstance(thing, int | str) else ""
        yield f"{name}: {type(thing).__name__}{value}"


def text_of(package: str) -> str:
    """Return the lines that describe all public names of a package."""
    module = importlib.import_module(package)
    names = sorted(module.__all__)
    return "\n".join(line for name in names for line in described(name, getattr(module, name)))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    # In a separate process: other tests make attrs resolve annotations.
    code = (
        "import json; from tests.house.test_public_names import PACKAGES, text_of; "
        "print(json.dumps({each: text_of(each) for each in PACKAGES}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    found: dict[str, str] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_and_signatures(
    package: str, texts: dict[str, str], snapshot: SnapshotAssertion
) -> None:
    assert texts[package] == snapshot


def test_annotations_read_the_same_everywhere() -> None:
    assert written("attrs.Attribute[datetime.datetime]") == "Attribute[datetime]"
    assert written(typing.Optional[int]) in {"Optional[int]", "int | None"}  # noqa: UP045 - on purpose
    assert written(int) == "int"


def test_a_public_name_has_one_meaning() -> None:
    exporters: dict[str, list[str]] = {}
    for package in PACKAGES:
        if package != "entitlements":  # the front door repeats names of the packages
            for name in importlib.import_module(package).__all__:
                exporters.setdefault(name, []).append(package)
    assert {name: where for name, where in exporters.items() if len(where) > 1} == {}
