"""A representation states what does not have its default, and how many there are of many."""

from __future__ import annotations

from datetime import date

from entitlements.contracts import Account, Contract, ContractLine
from entitlements.kernel.mixins.repr_without_defaults import stated_fields
from entitlements.routing import Agent, RoutingPolicy
from entitlements.sla import ClockOptions


def test_defaults_are_left_out_also_when_they_are_stated() -> None:
    line = ContractLine(id="l", plan="gold", quantity=1, experts=[])
    assert repr(line) == "ContractLine(id='l', plan='gold')"
    assert (repr(ClockOptions()), repr(RoutingPolicy())) == ("ClockOptions()", "RoutingPolicy()")


def test_what_is_converted_is_compared_as_it_is_held() -> None:
    # The capacity is a number in the constructor and a mapping in the agent.
    assert [field.name for field, _ in stated_fields(Agent(id="ada"))] == ["id"]
    assert "capacity" in repr(Agent(id="ada", capacity=3))


def test_long_collections_are_counted() -> None:
    contracts = [
        Contract(id=f"C-{number}", customer="acme", zone="UTC", start=date(2026, 1, 1), months=12)
        for number in range(30)
    ]
    account = Account(customer="acme", contracts=contracts)
    assert repr(account) == "Account(customer='acme', contracts=<30 elements>)"
