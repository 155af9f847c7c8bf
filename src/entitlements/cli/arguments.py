"""Argument parser of the commands, with suggestions for misspelled options and names."""

from __future__ import annotations

import re
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NoReturn, final

from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.hints import closest_match_hint
from entitlements.kernel.instants import utc

_LISTED: Final = 8
"""So many known ids are listed where none of them is similar."""

_SHORT: Final = re.compile("-[A-Za-z]").match
_WORDS_OF_ARGPARSE: Final = tuple(
    (re.compile(pattern).fullmatch, message)
    for pattern, message in (
        (r"argument (?P<at>\S+): expected (one|at least one) argument", "a value is missing"),
        (r"argument (?P<at>\S+): ignored explicit argument .*", "takes no value"),
        (r"argument (?P<at>\S+): invalid int value: .(?P<value>.*).", "`{}` is not a whole number"),
        (r"argument (?P<at>\S+): invalid float value: .(?P<value>.*).", "`{}` is not a number"),
        (r"argument (?P<at>\S+): invalid choice: .(?P<value>.*?).(,| \().*", "`{}` is unknown"),
        (r"unrecognized arguments: (?P<value>.*)", "`{}` is one argument too many"),
    )
)
_REQUIRED: Final = "the following arguments are required: "


@final
class Parser(ArgumentParser):
    """Parser of one command's arguments; a mistake raises an error with a suggestion.

    Args:
        command: The command's name.
        description: What it does, for `--help`.
    """

    def __init__(self, command: str, description: str) -> None:
        self.options: list[str] = []
        self._choices: dict[str, tuple[str, ...]] = {}
        super().__init__(prog=f"entitlements {command}", description=description)

    def add_argument(self, *names: str, **settings: Any) -> Action:
        """Add an argument and keep its name for suggestions."""
        self.options += [name for name in names if name.startswith("-")]
        made = super().add_argument(*names, **settings)
        self._choices["/".join(names)] = tuple(made.choices or ())
        return made

    def read(self, words: Sequence[str]) -> Namespace:
        """Return the parsed `words`.

        Raises:
            InvalidValueError: An option is unknown, missing or has an invalid value.
        """
        for word in words:
            name = word[:2] if _SHORT(word) else word.partition("=")[0]
            is_option = name.startswith("--") or _SHORT(word)
            if is_option and name not in {"--", *self.options}:
                hint = closest_match_hint(name, self.options) or f"see `{self.prog} --help`"
                raise InvalidValueError(f"there is no option `{name}`", hint=hint)
        return self.parse_args(words)

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, in the words of this library, instead of ending the program."""
        hint, path = f"see `{self.prog} --help`", None
        if message.startswith(_REQUIRED):
            missing = message.removeprefix(_REQUIRED).split(", ")
            message = f"{', '.join(f'`{each}`' for each in missing)} must be given"
        for match, words in _WORDS_OF_ARGPARSE:
            if found := match(message):
                path = found.groupdict().get("at")
                value = found.groupdict().get("value") or ""
                message = words.format(value)
                if choices := self._choices.get(path or ""):
                    among = ", ".join(f"`{each}`" for each in choices)
                    hint = closest_match_hint(value, choices) or f"one of {among}"
                break
        raise InvalidValueError(message, hint=hint, path=path)


def parse_instant(text: str, option: str) -> datetime:
    """Return the instant written in `text`, which must have an offset from UTC.

    >>> parse_instant("2026-03-27T15:30+01:00", "--at").isoformat()
    '2026-03-27T14:30:00+00:00'

    Raises:
        InvalidValueError: `text` is not an ISO 8601 instant, or has no offset.
    """
    try:
        return utc(text)
    except InvalidValueError as error:
        hint = error.hint
        if "no time zone" in error.message and ":" in text:
            hint = f"add an offset, such as `{text}+01:00` or `{text}Z`"
        raise InvalidValueError(error.message, hint=hint, path=option) from None


def check_known(kind: str, id: str | None, among: Iterable[str], option: str) -> None:
    """Raise `UnknownIdError` if `id` is given but not `among` the known ids, with a way out."""
    names = sorted(set(among))
    if id is None or id in names:
        return
    error = UnknownIdError(kind, id, known=names, path=option)
    if error.hint is None and 0 < len(names) <= _LISTED:
        error.hint = f"known here: {', '.join(f'`{each}`' for each in names)}"
    raise error
