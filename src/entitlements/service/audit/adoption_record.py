"""Adoption record: who took over which case, from where, with what history and under what terms.

It is a link of the chain of decisions, with the inputs that a decision has. The outcome holds the
events as they came, the terms that followed from the contract, and the state of the clocks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from entitlements.kernel.data.digests import plain_json, plain_text
from entitlements.kernel.instants import text_of
from entitlements.ports.records import FrozenTerms
from entitlements.sla.case_history.events import Event
from entitlements.sla.measurement import Measurement

ADOPTED: Final = "adopt"
"""Kind of the link."""


@final
@attrs.frozen(kw_only=True)
class Adoption:
    """What the caller stated when the case was taken over.

    Attributes:
        contract: Id of the contract.
        line: Id of the contract line.
        by: Id of the person or program that took it over, or None.
        origin: Where it was opened; may be empty.
    """

    contract: str
    line: str
    by: str | None = None
    origin: str = ""


def adoption_text(
    stated: Adoption, events: tuple[Event, ...], terms: FrozenTerms, measured: Measurement
) -> str:
    """Return the outcome of an adoption as canonical JSON text.

    Args:
        stated: What the caller stated.
        events: The history that came with the case.
        terms: The terms of the contract line at the opening.
        measured: The clocks at the adoption.
    """
    found = {
        "outcome": "adopted",
        "stated": json.loads(plain_text(stated)),
        "events": json.loads(plain_text(events)),
        "terms": json.loads(plain_text(terms)),
        "status": measured.status.value,
        "milestones": {each.name: each.state.value for each in measured},
        "due": {each.name: text_of(each.due) for each in measured if each.due is not None},
    }
    return plain_json(found)


def read_adoption(outcome: str) -> tuple[Adoption, int]:
    """Return what the caller stated, and how many events came with the case."""
    data: Mapping[str, Any] = json.loads(outcome)
    return Adoption(**data["stated"]), len(data["events"])
