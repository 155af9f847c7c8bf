"""The record of an adoption gives back what was stated, and how many events came with the case."""

from __future__ import annotations

from tests.service.desks import MONDAY, POLICY

from entitlements.ports.records import FrozenTerms
from entitlements.service.audit.adoption_record import Adoption, adoption_text, read_adoption
from entitlements.sla import Event, History, measure

TERMS = FrozenTerms(edition=1, contract="C-1", line="1", policy="standard")


def test_what_was_stated_is_read_back() -> None:
    events = (Event.opened(MONDAY, severity="S1"), Event.responded(MONDAY))
    measured = measure(POLICY, History(events), MONDAY)
    for stated in (
        Adoption(contract="C-1", line="1"),
        Adoption(contract="C-1", line="1", by="lee", origin="zendesk 4711"),
    ):
        text = adoption_text(stated, events, TERMS, measured)
        assert read_adoption(text) == (stated, 2)
