"""The shipped corpus: groups of questions about one document of facts, with expected answers.

An expected answer comes from a plain second implementation of the rules (an oracle), or from what a
vendor publishes; its group names the source. The file has of each document what differs from the
one before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple, TypeAlias

VERSION: Final = 1
"""The version of the corpus and of its protocol."""

FILE: Final = "corpus.json"

Data: TypeAlias = Mapping[str, Any]
"""An object of JSON."""


class QuestionGroup(NamedTuple):
    """Questions about the facts of one document.

    Attributes:
        name: What the group is about.
        source: Where the expected answers come from.
        document: The facts, as a document.
        cases: The questions, each with `name`, `request`, `at`, perhaps `events`, and `expect`.
    """

    name: str
    source: str
    document: Data
    cases: Sequence[Data]

    @property
    def questions(self) -> dict[str, Any]:
        """What is sent to an implementation: all but names and expected answers."""
        asked = [
            {key: case[key] for key in ("request", "at", "events") if key in case}
            for case in self.cases
        ]
        return {"corpus": VERSION, "document": self.document, "questions": asked}


@lru_cache(maxsize=1)
def read_corpus() -> tuple[QuestionGroup, ...]:
    """Return the groups of the shipped corpus, in their order.

    >>> read_corpus()[0].cases[0]["expect"]["decision"]
    'granted'
    """
    text = files("entitlements.testing.conformance").joinpath(FILE).read_text(encoding="utf-8")
    return groups_in(json.loads(text))


def groups_in(corpus: Data) -> tuple[QuestionGroup, ...]:
    """Return the groups of a corpus, each with its whole document.

    A part of a document that is null in the changes is left out from there on.

    >>> groups_in({"version": 1, "groups": [
    ...     {"name": "a", "source": "s", "changes": {"products": ["db"]}, "cases": []},
    ...     {"name": "b", "source": "s", "changes": {"groups": ["dba"]}, "cases": []}]})[1].document
    {'products': ['db'], 'groups': ['dba']}
    """
    found: list[QuestionGroup] = []
    document: Data = {}
    for each in corpus["groups"]:
        changed = {**document, **each["changes"]}
        document = {key: part for key, part in changed.items() if part is not None}
        found.append(QuestionGroup(each["name"], each["source"], document, each["cases"]))
    return tuple(found)
