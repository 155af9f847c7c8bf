"""A stored decision explains itself as the one it was stored from."""

from __future__ import annotations

import pickle

from tests.access.small import Case, asked

from entitlements.access import Advisory, Denied, Granted


def test_a_pickled_decision_has_the_same_explanation() -> None:
    for decision in (Case().decision, asked(contact="zoe").decision):
        stored = pickle.loads(pickle.dumps(decision))  # noqa: S301 - made here
        assert stored == decision
        assert stored.candidates == decision.candidates
        assert stored.valid_until == decision.valid_until
        assert stored.provenance == decision.provenance
        if isinstance(decision, Granted):
            assert stored.warnings == decision.warnings
        if isinstance(decision, Denied):
            assert stored.remedies == decision.remedies


def test_an_advisory_takes_its_kind_as_text() -> None:
    assert Advisory(kind="in_grace").kind.value == "in_grace"  # type: ignore[arg-type]
