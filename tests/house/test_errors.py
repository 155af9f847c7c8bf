"""All errors are in one tree, and their messages have one form."""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Iterator

from tests.house.house import IN_A_PROJECT, MODULES, Module

import entitlements.kernel.errors as tree
from entitlements.kernel.errors import EntitlementsError


def below(kind: type[EntitlementsError]) -> Iterator[type[EntitlementsError]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def all_errors() -> set[type[EntitlementsError]]:
    for each in MODULES:
        skipped = {"entitlements.__main__", *IN_A_PROJECT}
        if each.name not in skipped and "migrations" not in each.path.parts:
            importlib.import_module(each.name)
    return {each for each in below(EntitlementsError) if each.__module__.startswith("entitlements")}


def test_every_error_is_in_the_tree_and_in_its_drawing() -> None:
    assert {each.__module__ for each in all_errors()} == {tree.__name__}
    drawing = tree.__doc__ or ""
    assert [each.__name__ for each in all_errors() if f" {each.__name__} " not in drawing] == []


def test_no_module_defines_an_exception_outside_the_tree() -> None:
    found = [
        each.where(node)
        for each in MODULES
        for node in each.nodes
        if isinstance(node, ast.ClassDef) and each.name != tree.__name__
        for base in node.bases
        if ast.unparse(base).rpartition(".")[2].endswith(("Error", "Exception"))
    ]
    assert found == []


def test_every_error_is_also_what_a_stranger_would_catch() -> None:
    known = {each for each in vars(builtins).values() if isinstance(each, type)}
    plain = {Exception, BaseException, object}
    assert [each for each in all_errors() if not set(each.__mro__) & (known - plain)] == []


def test_names_end_in_error_and_codes_are_unique() -> None:
    errors = all_errors()
    assert [each for each in errors if not each.__name__.endswith("Error")] == []
    assert len({each.code for each in errors}) == len(errors)
    assert [each for each in errors if not each.code.replace("_", "").islower()] == []


def test_the_library_raises_its_own_errors_only() -> None:
    """Two are not for callers: a question that cannot be asked, and what cannot happen."""
    foreign = {
        name for name, kind in vars(builtins).items() if isinstance(kind, type)
        and issubclass(kind, Exception)
    } - {"AssertionError", "NotImplementedError", "TypeError"}  # fmt: skip
    found = [
        each.where(node)
        for each in MODULES
        for node in each.nodes
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and ast.unparse(node.exc.func) in foreign
        # The test kit fails like a test.
        and each.floor != "testing"
        # Python wants an `AttributeError` of a module's `__getattr__`.
        and each.name != "entitlements.kernel.on_demand.lazy"
    ]
    assert found == []


# --- messages: lower case, one line, no full stop, the user's words in backticks ---------------


def messages_in(module: Module) -> Iterator[tuple[str, str]]:
    """Yield where each message or hint of an error stands, and its text with `{}` for values."""
    names = {each.__name__ for each in below(EntitlementsError)}
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        hints = [each.value for each in node.keywords if each.arg == "hint"]
        spoken = [*node.args[:1], *hints] if called in names else hints
        for each in spoken:
            if (text := text_of(each)) is not None:
                yield module.where(each), text


def text_of(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                str(each.value) if isinstance(each, ast.Constant) else "{}" for each in parts
            )
        case _:
            return None


def breaks_a_rule(text: str) -> bool:
    first = text.split(" ", maxsplit=1)[0]
    # YAML and SLA are written so; a value in braces brings its own letters.
    opens_well = not text[:1].isupper() or (first.isupper() and len(first) > 1)
    return not text or not opens_well or "\n" in text or text.endswith((".", "!", " "))


def test_messages_follow_the_rules() -> None:
    found = [
        f"{where}: {text}"
        for each in MODULES
        for where, text in messages_in(each)
        if breaks_a_rule(text)
    ]
    assert found == []


def test_values_in_messages_stand_in_backticks_unless_they_are_numbers_or_words() -> None:
    quoted = [
        f"{where}: {text}"
        for each in MODULES
        for where, text in messages_in(each)
        if "'{}'" in text or '"{}"' in text
    ]
    assert quoted == []


def test_the_rules_catch_what_they_are_for() -> None:
    assert breaks_a_rule("Span is empty")
    assert breaks_a_rule("span is empty.")
    assert breaks_a_rule("span\nis empty")
    assert not breaks_a_rule("`{}` is no span")
    assert not breaks_a_rule("YAML is not installed")


def written_otherwise(text: str) -> bool:
    """Return whether an instant may be written with an offset; `text_of` writes it with a `Z`."""
    return ".isoformat()" in text and "date" not in text and "replace" not in text


def test_instants_in_messages_are_written_as_in_documents() -> None:
    names = {each.__name__ for each in below(EntitlementsError)}
    found = [
        module.where(value)
        for module in MODULES
        for node in module.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in names
        for value in ast.walk(node)
        if isinstance(value, ast.FormattedValue) and written_otherwise(ast.unparse(value.value))
    ]
    assert found == []
