from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.documents.examples import problems
from tests.effort import tries

from entitlements import Facts
from entitlements.documents import parse_facts, read_facts, write_facts
from entitlements.kernel import DocumentError
from entitlements.routing import (
    ROUTING_PRESETS,
    FairnessBounds,
    OfferPolicy,
    QueueLimits,
    RoutingPolicy,
    custom_strategy,
)
from entitlements.testing.strategies.routing import routing_policies

OWN = """
routing:
  name: support
  strategy: [tiers, longest_idle]
  order: {kind: rank_plus_delay, delays: {1: 5m}}
  offers: {lease: 45s, declines: null, excused_reasons: [lunch]}
  bounds: {jain: 90%, gini: 0.2, longest_wait: {0: 1h}}
"""


def test_a_document_without_the_section_has_the_default_policy() -> None:
    assert parse_facts("products: [db]").routing == RoutingPolicy()
    assert "routing" not in write_facts(Facts())


@pytest.mark.parametrize("name", list(ROUTING_PRESETS))
def test_a_preset_is_named_and_written_out_in_full(name: str) -> None:
    facts = parse_facts(f"routing: {name}")
    assert facts.routing == ROUTING_PRESETS[name]
    assert parse_facts(write_facts(facts)) == facts


def test_a_policy_has_its_own_keys() -> None:
    policy = parse_facts(OWN).routing
    assert policy.strategy.name == "tiers, longest_idle"
    assert policy.offers == OfferPolicy(
        lease=timedelta(seconds=45), declines=None, excused_reasons=["lunch"]
    )
    assert policy.bounds == FairnessBounds(jain=0.9, gini=0.2, longest_wait={0: timedelta(hours=1)})


def test_a_policy_has_a_relaxation_plan_and_limits_of_queues() -> None:
    facts = parse_facts("""
groups: [db, net]
routing:
  offers: {agent_declines: 3, longest_wait: 2h}
  relaxation:
    steps:
      - {after: 15m, lower: {oracle: 2}, on_expiry: true}
      - {after: 1h, groups: net, unstaffed: true}
  queues:
    db: {length: 20, age: 30m, unstaffed: true, overflow: net}
""")
    policy, minute = facts.routing, timedelta(minutes=1)
    assert policy.relaxation is not None
    assert [each.after for each in policy.relaxation.steps] == [15 * minute, 60 * minute]
    assert policy.queues["db"] == QueueLimits(
        length=20, age=30 * minute, unstaffed=True, overflow=["net"]
    )
    assert (policy.offers.agent_declines, policy.offers.longest_wait) == (3, 120 * minute)
    assert parse_facts(write_facts(facts)) == facts


@settings(max_examples=tries(20), suppress_health_check=list(HealthCheck))
@given(routing_policies())
def test_any_policy_is_read_as_it_was_written(policy: RoutingPolicy) -> None:
    facts = Facts(routing=policy)
    for form in ("yaml", "json"):
        text = write_facts(facts, format=form)
        assert parse_facts(text, format=form) == facts
        assert write_facts(parse_facts(text, format=form), format=form) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("routing: zendesk_round_robbin", "did you mean `zendesk_round_robin`?"),
        ("routing: {strategie: tiers}", "did you mean `strategy`?"),
        ("routing: {offers: {lease: 0m}}", "`lease` must be greater than 0"),
        ("routing: {bounds: {jain: much}}", "`much` is not a share"),
        ("routing: {bounds: {jain: .nan}}", "is not a share"),
        ("routing: {bounds: {jain: 9999999}}", "a bound must be from 0 to 1000000"),
        ("routing: {queues: {db: {length: 2}}}", "no expert group has the name `db`"),
        ("groups: [db]\nrouting: {queues: {db: {overflow: dbb}}}", "the name `dbb`"),
        ("groups: [db]\nrouting: {queues: {db: {overflow: db}}}", "overflows to itself"),
        ("routing: {relaxation: {steps: [{after: 1h}, {after: 1h}]}}", "follows the one after"),
        ("routing: [tiers]", "a list is not a routing policy"),
    ],
)
def test_a_slip_is_reported_once(text: str, problem: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert problem in found[0]


def test_only_one_file_can_have_the_section(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("routing: genesys_standard")
    with pytest.raises(DocumentError, match="`routing` is defined twice"):
        read_facts(tmp_path)


def test_facts_with_a_strategy_of_a_program_cannot_be_written() -> None:
    strategy = custom_strategy("own", lambda state, _: state.id)
    with pytest.raises(ValueError, match="strategy `own` has no form in a document"):
        write_facts(Facts(routing=RoutingPolicy(strategy=strategy)))
