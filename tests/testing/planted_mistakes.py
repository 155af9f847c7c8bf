"""Forty mistakes in the plans of the demo, and what finds each: promises, fuzz or check.

python -m tests.testing.planted_mistakes

A mistake is one edit of the document, of the kind that a support manager makes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from tests.testing.shipped_promises import shipped_promises, whole_document

from entitlements.cli.commands.demo import document
from entitlements.documents import lint_facts, parse_facts
from entitlements.engine import Facts
from entitlements.kernel.errors import DocumentError
from entitlements.kernel.instants import utc
from entitlements.testing.promises import PromiseFile, check_promises
from entitlements.testing.surprises import find_surprises

START = utc("2026-03-23T00:00Z")


class Mistake(NamedTuple):
    """One edit, and who finds it."""

    what: str
    old: str
    new: str
    found_by: str


MISTAKES = [
    Mistake(**each)
    for each in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
]


@cache
def warnings_before() -> frozenset[str]:
    """Return the findings of the document without a mistake."""
    return frozenset(each.message for each in lint_facts(shipped_promises().facts, START))


@cache
def surprises_before() -> frozenset[tuple[str, str]]:
    """Return the surprises of the document without a mistake, by kind and plan."""
    return frozenset(_surprises(shipped_promises().facts))


def _surprises(facts: Facts) -> Iterator[tuple[str, str]]:
    for each in find_surprises(facts, START, limit=60):
        for severity in each.severities or ("",):
            yield f"{each.kind} {severity}", each.plan


def finders(mistake: Mistake, *, fuzz: bool = True) -> list[str]:
    """Return what finds a mistake: `promises`, `fuzz`, `check`."""
    assert document().count(mistake.old) == 1, f"{mistake.what}: {document().count(mistake.old)}"
    try:
        facts = parse_facts(whole_document(document().replace(mistake.old, mistake.new)))
    except DocumentError:
        return ["check"]
    found = []
    file = PromiseFile(name="p", facts=facts, cases=shipped_promises().cases)
    if not all(each.holds for each in check_promises(file)):
        found.append("promises")
    if fuzz and not set(_surprises(facts)) <= surprises_before():
        found.append("fuzz")
    if any(each.message not in warnings_before() for each in lint_facts(facts, START)):
        found.append("check")
    return found


def main() -> None:
    """Print who finds each mistake."""
    for mistake in MISTAKES:
        try:
            found = " ".join(finders(mistake))
        except AssertionError as error:
            found = f"!! {error}"
        flag = "" if found == mistake.found_by else f"   <- {mistake.found_by}"
        sys.stdout.write(f"{mistake.what:<48}{found or 'nobody'}{flag}\n")


if __name__ == "__main__":
    main()
