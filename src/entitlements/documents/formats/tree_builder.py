"""Tree builder: a document tree from parser events, with limits on depth and number of values.

YAML and JSON use the same builder, so that limits, repeated keys and paths are the same in both.
"""

from __future__ import annotations

import re
from typing import Final, final

import attrs

from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarKind, ScalarNode
from entitlements.documents.formats.problems import Problem, document_error

MAX_DEPTH: Final = 32
"""The deepest nesting of lists and mappings."""

MAX_VALUES: Final = 120_000
"""The largest number of scalars, lists and mappings in a document."""

_MAX_PATH_LENGTH: Final = 200
_MAX_STEP_LENGTH: Final = 40
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@attrs.define
class _Frame:
    """A list or mapping that has not ended yet."""

    keyed: bool
    line: int
    path: str
    items: list[Node] = attrs.field(factory=list)
    entries: dict[str, Node] = attrs.field(factory=dict)
    keys: dict[str, ScalarNode] = attrs.field(factory=dict)
    repeated: list[ScalarNode] = attrs.field(factory=list)
    lossy: bool = False
    key: ScalarNode | None = None


@final
class TreeBuilder:
    """Builds the tree of one document; `root` is None until the first value is complete."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.root: Node | None = None
        self.file = file
        self._problems = problems
        self._open: list[_Frame] = []
        self._left = MAX_VALUES
        self._problem_line = 0

    def open(self, line: int, *, keyed: bool) -> None:
        """Begin a mapping or a list.

        Raises:
            DocumentError: It is nested too deeply, or is in place of a key.
        """
        frame = self._open[-1] if self._open else None
        if frame is not None and frame.keyed and frame.key is None:
            raise document_error(self.file, line, "a list or mapping cannot be a key", frame.path)
        self._count(line)
        if len(self._open) >= MAX_DEPTH:
            raise document_error(
                self.file, line, f"lists and mappings are nested more than {MAX_DEPTH} deep"
            )
        self._open.append(_Frame(keyed=keyed, line=line, path=self._path()))

    def close(self) -> None:
        """End the innermost list or mapping."""
        frame = self._open.pop()
        if frame.keyed:
            self._add_repeated_keys(frame)
            found = (frame.entries, frame.keys, bool(frame.repeated) or frame.lossy)
            self._add(MappingNode(self.file, frame.line, frame.path, *found))
        else:
            self._add(ListNode(self.file, frame.line, frame.path, tuple(frame.items)))

    def scalar(self, kind: ScalarKind, text: str, line: int) -> None:
        """Add a scalar: a key if a key comes next, else a value."""
        self._count(line)
        if not text.isascii() and _SURROGATE.search(text):
            raise document_error(self.file, line, "there is half of a surrogate pair", self._path())
        frame = self._open[-1] if self._open else None
        if frame is not None and frame.keyed and frame.key is None:
            frame.key = ScalarNode(self.file, line, _below(frame.path, text), kind, text)
        else:
            self._add(ScalarNode(self.file, line, self._path(), kind, text))

    @property
    def key(self) -> str | None:
        """The key whose value comes next, or None."""
        frame = self._open[-1] if self._open else None
        return frame.key.text if frame is not None and frame.key is not None else None

    @property
    def empty(self) -> bool:
        """Whether nothing has been added yet."""
        return self.root is None and not self._open

    def broken(
        self, line: int, message: str, hint: str, text: str = "", *, once: bool = False
    ) -> None:
        """Add a broken scalar and its problem; with `once` only the first problem of a line."""
        if not once or self._problem_line != line:
            self._problems.append(Problem(self.file, line, self._path(), message, hint))
        self._problem_line = line
        self.scalar(ScalarKind.BROKEN, text, line)

    def _count(self, line: int) -> None:
        self._left -= 1
        if self._left < 0:
            message = f"there are more than {MAX_VALUES} values; split the document over files"
            raise document_error(self.file, line, message)

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
        if key.kind is ScalarKind.BROKEN:
            frame.lossy = True
            return
        first = frame.keys.setdefault(key.text, key)
        if first is key:
            frame.entries[key.text] = node
        else:
            frame.repeated.append(key)

    def _add_repeated_keys(self, frame: _Frame) -> None:
        """Add one problem for all repeated keys: often two items are not separated."""
        if frame.repeated:
            key, others = frame.repeated[0], len({each.text for each in frame.repeated}) - 1
            hint = f"first on line {frame.keys[key.text].line}"
            if others:
                hint += f"; so are {others} more keys here: are these two items?"
            message = f"key `{key.text}` is repeated"
            self._problems.append(Problem(self.file, key.line, key.path, message, hint))


def _below(path: str, step: str | int) -> str:
    """Return the path of a child, of limited length to bound the memory of hostile documents."""
    if len(path) > _MAX_PATH_LENGTH:
        return path
    if isinstance(step, int):
        return f"{path}[{step}]"
    word = step if len(step) <= _MAX_STEP_LENGTH else f"{step[:_MAX_STEP_LENGTH]}..."
    return f"{path}.{word}" if path else word
