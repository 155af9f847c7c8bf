"""Sentence catalogue: the sentences of one language, as a value that is passed in.

A catalogue holds a template for each key. Plain Python makes one, or the tools of gettext do at the
edge of an application; nothing here reads files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from string import Formatter
from typing import TypeAlias, final

import attrs

from entitlements.kernel.converters import as_text, as_tuple, frozen_map, instance_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier

PluralRule: TypeAlias = Callable[[int], str]
"""Returns the form of a number, such as `one` or `other`: the end of the key of a template."""

_FORMATTER = Formatter()


def one_or_other(count: int) -> str:
    """Return `one` for 1 and `other` for every other number, as English, German and Spanish do."""
    return "one" if count == 1 else "other"


def placeholders(template: str) -> frozenset[str]:
    """Return the names in braces in a template.

    >>> sorted(placeholders("{milestone}: by {due}."))
    ['due', 'milestone']
    """
    return frozenset(name for _, name, _, _ in _FORMATTER.parse(template) if name is not None)


def _templates(sentences: Mapping[str, str]) -> FrozenMap[str, str]:
    found: FrozenMap[str, str] = frozen_map(sentences)
    for key, template in found.items():
        try:
            plain = all(name.isidentifier() for name in placeholders(template))
        except (TypeError, ValueError):
            plain = False
        if not plain:
            raise InvalidValueError(
                f"`{template!r:.80}` is not a template", hint="write it as `by {due}`", path=key
            )
    return found


@final
@attrs.frozen
class Catalogue:
    """The sentences of one language.

    Attributes:
        language: Its tag, such as `de`.
        sentences: A template for each key.
        plural: The form of each number.

    >>> hours = {"words.hours.one": "{count} hour", "words.hours.other": "{count} hours"}
    >>> short = Catalogue("en", hours)
    >>> short.counted("words.hours", 2)
    '2 hours'
    """

    language: str = attrs.field(converter=identifier)
    sentences: FrozenMap[str, str] = attrs.field(converter=_templates, repr=False)
    plural: PluralRule = attrs.field(default=one_or_other, repr=False)

    def text(self, key: str, **values: object) -> str:
        """Return the sentence of a key with values in its placeholders.

        Raises:
            UnknownIdError: The catalogue has no such sentence.
            InvalidValueError: Its template has a placeholder without a value.
        """
        template = self.sentences.get(as_text(key))
        if template is None:
            missing = UnknownIdError(f"sentence of the language `{self.language}`", key)
            missing.hint = "`de` and `es` are for customers; `completed_by` adds what is missing"
            raise missing
        try:
            return template.format(**values)
        except (KeyError, IndexError, ValueError):
            raise InvalidValueError(
                f"the template `{template}` has a placeholder without a value",
                hint=f"known are {', '.join(sorted(values))}",
                path=key,
            ) from None

    def counted(self, key: str, count: int) -> str:
        """Return the sentence of a number, in the form that the language has for it."""
        return self.text(f"{key}.{self.plural(count)}", count=count)

    def completed_by(self, other: Catalogue) -> Catalogue:
        """Return this catalogue with the sentences of another where it has none."""
        return attrs.evolve(
            self, sentences={**instance_of(Catalogue, other).sentences, **self.sentences}
        )

    def missing(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those of `keys` for which there is no sentence."""
        return frozenset(key for key in map(as_text, as_tuple(keys)) if key not in self.sentences)
