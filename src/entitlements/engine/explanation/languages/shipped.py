"""The catalogues of this library, by the tag of their language."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from entitlements.engine.explanation.catalogue import Catalogue
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import UnknownIdError

_MODULES: Final = {"de": "german", "en": "english", "es": "spanish"}
LANGUAGES: Final = tuple(_MODULES)
"""The tags of the languages that are shipped."""


def catalogue_of(language: Catalogue | str) -> Catalogue:
    """Return a catalogue as it is, or the shipped one of a language.

    >>> catalogue_of("es").text("words.weekday.1")
    'lunes'

    Raises:
        UnknownIdError: No catalogue of the language is shipped; pass one.
        InvalidValueError: It is neither a catalogue nor text.
    """
    if isinstance(language, Catalogue):
        return language
    if instance_of(str, language) not in _MODULES:
        raise UnknownIdError("catalogue of a language", language, known=_MODULES)
    name = _MODULES[language]
    module = import_module(f"entitlements.engine.explanation.languages.{name}")
    found: Catalogue = getattr(module, name.upper())
    return found
