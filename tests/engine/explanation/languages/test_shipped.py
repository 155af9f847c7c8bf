"""The shipped languages: complete for customers, with the same placeholders as English."""

from __future__ import annotations

import pytest

from entitlements.engine.explanation.catalogue import Catalogue, placeholders
from entitlements.engine.explanation.languages.english import ENGLISH
from entitlements.engine.explanation.languages.shipped import LANGUAGES, catalogue_of
from entitlements.kernel.errors import InvalidValueError, UnknownIdError

FOR_CUSTOMERS = {key for key in ENGLISH.sentences if key.split(".")[0] in {"customer", "words"}}
OTHERS = [each for each in LANGUAGES if each != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_sentence_for_customers_and_no_other(language: str) -> None:
    found = catalogue_of(language)
    assert found.language == language
    assert found.missing(FOR_CUSTOMERS) == set()
    assert found.sentences.keys() - FOR_CUSTOMERS == set(), "unused"


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_has_the_placeholders_of_the_english_one(language: str) -> None:
    differs = {
        key
        for key, template in catalogue_of(language).sentences.items()
        if placeholders(template) != placeholders(ENGLISH.sentences[key])
    }
    assert differs == set()


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_was_left_in_english(language: str) -> None:
    sentences = catalogue_of(language).sentences
    same = {key for key in sentences if sentences[key] == ENGLISH.sentences[key]}
    assert {key for key in same if key.startswith("customer.")} == set()


def test_a_catalogue_is_taken_as_it_is() -> None:
    own = Catalogue("fr", {})
    assert catalogue_of(own) is own


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(UnknownIdError, match="`fr`"):
        catalogue_of("fr")
    with pytest.raises(InvalidValueError):
        catalogue_of(5)  # type: ignore[arg-type]
