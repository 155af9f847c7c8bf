"""JSON reader with line numbers.

The standard library's reader has no lines, accepts `NaN` and uses the last of two equal keys. This
one reads the same grammar, has lines, and rejects both.
"""

from __future__ import annotations

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined] # the part that reads a string
from typing import Final, final

from entitlements.documents.formats.nodes import ScalarKind
from entitlements.documents.formats.problems import Problem, document_error
from entitlements.documents.formats.tree_builder import TreeBuilder
from entitlements.kernel.errors import DocumentError

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_WORD: Final = re.compile(r"[A-Za-z]+")
_WORDS: Final = {"null": ScalarKind.NULL, "true": ScalarKind.TRUTH, "false": ScalarKind.TRUTH}


def read_json(text: str, file: str, problems: list[Problem]) -> TreeBuilder:
    """Return a builder with the whole text.

    Raises:
        DocumentError: The text is not JSON, or nested too deeply.
    """
    reader = _Reader(text, file, problems)
    if reader.peek():
        reader.value()
        if reader.peek():
            raise reader.unexpected("the document has ended")
    return reader.builder


@final
class _Reader:
    """A position in the text. Recursion is bounded by the depth limit of the builder."""

    def __init__(self, text: str, file: str, problems: list[Problem]) -> None:
        self.builder = TreeBuilder(file, problems)
        self._text = text
        self._file = file
        self._at = 0
        self._line = 1

    def peek(self) -> str:
        """Skip blanks and return the next character, empty at the end."""
        blank = _BLANK.match(self._text, self._at)
        if blank is not None:
            self._line += self._text.count("\n", self._at, blank.end())
            self._at = blank.end()
        return self._text[self._at : self._at + 1]

    def value(self) -> None:
        """Read one value into the builder."""
        letter = self.peek()
        if letter == "{":
            self._mapping()
        elif letter == "[":
            self._list()
        elif letter == '"':
            self.builder.scalar(ScalarKind.TEXT, self._string(), self._line)
        elif number := _NUMBER.match(self._text, self._at):
            self._at = number.end()
            self.builder.scalar(ScalarKind.NUMBER, number.group(), self._line)
        elif (word := _WORD.match(self._text, self._at)) and word.group() in _WORDS:
            self._at = word.end()
            self.builder.scalar(_WORDS[word.group()], word.group(), self._line)
        else:
            raise self.unexpected("a value is expected")

    def unexpected(self, expected: str) -> DocumentError:
        """Return the error for the text at this position."""
        word = _WORD.match(self._text, self._at)
        seen = word.group() if word else self._text[self._at : self._at + 1]
        what = f"`{seen}`" if seen else "the end of the text"
        return document_error(self._file, self._line, f"{what} was found where {expected}")

    def _mapping(self) -> None:
        self.builder.open(self._line, keyed=True)
        self._at += 1
        if self.peek() != "}":
            while True:
                if self.peek() != '"':
                    raise self.unexpected("a key in double quotes is expected")
                self.builder.scalar(ScalarKind.TEXT, self._string(), self._line)
                self._expect(":")
                self.value()
                if self.peek() != ",":
                    break
                self._at += 1
        self._expect("}")
        self.builder.close()

    def _list(self) -> None:
        self.builder.open(self._line, keyed=False)
        self._at += 1
        if self.peek() != "]":
            while True:
                self.value()
                if self.peek() != ",":
                    break
                self._at += 1
        self._expect("]")
        self.builder.close()

    def _expect(self, letter: str) -> None:
        if self.peek() != letter:
            raise self.unexpected(f"`{letter}` is expected")
        self._at += 1

    def _string(self) -> str:
        try:
            text, end = scanstring(self._text, self._at + 1, True)  # noqa: FBT003 - its signature
        except JSONDecodeError as error:
            message = f"{error.msg[0].lower()}{error.msg[1:]}"
            raise document_error(self._file, error.lineno, message) from None
        self._at = end
        return str(text)
