"""How does a stream of scalars, lists and mappings become a tree, within the limits?

Both notations feed the same builder, so that depth, double keys and paths are the same in both.
"""

from __future__ import annotations

import re
from typing import Final, final

import attrs

from entitlements.documents.nodes import Keyed, Kind, Leaf, Listed, Node
from entitlements.documents.problems import Problem, refusal

DEEPEST: Final = 32
"""How many lists and mappings may stand inside one another."""

_LONGEST_PATH: Final = 200
_LONGEST_STEP: Final = 40
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@attrs.define
class _Frame:
    """A list or mapping that is not closed yet."""

    keyed: bool
    line: int
    path: str
    items: list[Node] = attrs.field(factory=list)
    entries: dict[str, Node] = attrs.field(factory=dict)
    keys: dict[str, Leaf] = attrs.field(factory=dict)
    key: Leaf | None = None


@final
class TreeBuilder:
    """Builds one document's tree; `root` is None until something was added."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.root: Node | None = None
        self.file = file
        self._problems = problems
        self._open: list[_Frame] = []

    def open(self, line: int, *, keyed: bool) -> None:
        """Begin a mapping, or a list.

        Raises:
            DocumentError: It is nested too deeply, or stands where a key is expected.
        """
        frame = self._open[-1] if self._open else None
        if frame is not None and frame.keyed and frame.key is None:
            raise refusal(self.file, line, "a list or mapping cannot be a key", frame.path)
        if len(self._open) >= DEEPEST:
            raise refusal(
                self.file, line, f"lists and mappings are nested more than {DEEPEST} deep"
            )
        self._open.append(_Frame(keyed=keyed, line=line, path=self._path()))

    def close(self) -> None:
        """End the innermost list or mapping."""
        frame = self._open.pop()
        if frame.keyed:
            self._add(Keyed(self.file, frame.line, frame.path, frame.entries, frame.keys))
        else:
            self._add(Listed(self.file, frame.line, frame.path, tuple(frame.items)))

    def scalar(self, kind: Kind, text: str, line: int) -> None:
        """Add a scalar: a key where a key is expected, else a value."""
        if not text.isascii() and _SURROGATE.search(text):
            raise refusal(self.file, line, "half of a surrogate pair stands alone", self._path())
        frame = self._open[-1] if self._open else None
        if frame is not None and frame.keyed and frame.key is None:
            frame.key = Leaf(self.file, line, _below(frame.path, text), kind, text)
        else:
            self._add(Leaf(self.file, line, self._path(), kind, text))

    def broken(self, line: int, message: str, hint: str | None = None) -> None:
        """Add a place that cannot be read, and say why."""
        self._problems.append(Problem(self.file, line, self._path(), message, hint))
        self.scalar(Kind.BROKEN, "", line)

    def _path(self) -> str:
        if not self._open:
            return ""
        frame = self._open[-1]
        if not frame.keyed:
            return _below(frame.path, len(frame.items))
        return frame.key.path if frame.key else frame.path

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        if frame.key is None:
            frame.items.append(node)
            return
        key, frame.key = frame.key, None
        if key.kind is Kind.BROKEN:
            return
        first = frame.keys.setdefault(key.text, key)
        if first is key:
            frame.entries[key.text] = node
        else:
            message = f"key `{key.text}` is there twice"
            hint = f"first on line {first.line}"
            self._problems.append(Problem(self.file, key.line, key.path, message, hint))


def _below(path: str, step: str | int) -> str:
    """Return the path of a child; paths stop growing, or a hostile document would eat memory."""
    if len(path) > _LONGEST_PATH:
        return path
    if isinstance(step, int):
        return f"{path}[{step}]"
    word = step if len(step) <= _LONGEST_STEP else f"{step[:_LONGEST_STEP]}..."
    return f"{path}.{word}" if path else word
