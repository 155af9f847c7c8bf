"""Decisions as data: everything they state, and everything that explains them."""

from __future__ import annotations

import json

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.access import AccountDecider
from entitlements.access.decision_data import DecisionData, GrantedAccessData, decision_data
from entitlements.access.promise import Promise
from entitlements.kernel.data.records import form_of
from entitlements.testing.strategies.worlds.access import World, worlds


@given(worlds(), st.data())
@settings(max_examples=15)
def test_a_decision_is_read_back_with_what_explains_it(world: World, data: st.DataObject) -> None:
    asked, at = data.draw(st.sampled_from(world.questions))
    decision = AccountDecider(world.account, world.catalog).decide_at(asked, at)
    form = form_of(DecisionData)
    plain = json.loads(json.dumps(form.write(decision_data(decision))))
    again = form.read(plain, "decision").decision(asked, decision.at)
    assert again == decision
    assert again.candidates == decision.candidates
    assert again.valid_until == decision.valid_until
    assert again.provenance == decision.provenance
    for name in ("warnings", "remedies"):
        assert getattr(again, name, ()) == getattr(decision, name, ())
    assert form.write(decision_data(again)) == plain


def test_the_data_of_a_promise_has_all_of_its_fields() -> None:
    given_fields = {each.name for each in attrs.fields(Promise) if each.init}
    assert {each.name for each in attrs.fields(GrantedAccessData)} == given_fields
