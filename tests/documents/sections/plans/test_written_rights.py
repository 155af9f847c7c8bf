from __future__ import annotations

from typing import Any

import attrs
import pytest
import yaml
from tests.documents.examples import GOLD, facts_of

from entitlements.contracts import AccessRight
from entitlements.documents import parse_facts, write_facts
from entitlements.engine.facts import Facts


def written(facts: Facts) -> dict[str, Any]:
    text = write_facts(facts)
    assert parse_facts(text) == facts
    (plan,) = yaml.safe_load(text)["plans"]
    return {key: plan.get(key) for key in ("group", "reached", "rights") if key in plan}


def with_rights(*rights: AccessRight) -> Facts:
    facts = facts_of(GOLD)
    plan = attrs.evolve(facts.catalog.plans[0], rights=rights)
    return attrs.evolve(facts, catalog=attrs.evolve(facts.catalog, plans=[plan]))


DERIVED = (
    AccessRight(id="desk always", group="desk", severities=["S1"]),
    AccessRight(id="desk", group="desk", severities=["S2", "S3"], hours="business"),
)
OTHER = AccessRight(id="more", group="seniors")


def test_rights_that_follow_from_the_group_are_not_written() -> None:
    assert written(with_rights(*DERIVED)) == {"group": "desk"}
    assert written(with_rights(AccessRight(id="desk", group="desk"))) == {
        "group": "desk",
        "reached": "always",
    }


def test_rights_beside_those_of_the_group_are_listed() -> None:
    assert written(with_rights(*DERIVED, OTHER)) == {
        "group": "desk",
        "rights": [{"id": "more", "group": "seniors", "hours": "always"}],
    }


@pytest.mark.parametrize(
    "rights",
    [
        (attrs.evolve(DERIVED[0], id="urgent"), DERIVED[1]),
        (OTHER, *DERIVED),
        (DERIVED[1],),
        (),
    ],
)
def test_rights_that_do_not_follow_from_a_group_are_all_listed(
    rights: tuple[AccessRight, ...],
) -> None:
    found = written(with_rights(*rights))
    assert "group" not in found
    assert [each["id"] for each in found["rights"]] == [each.id for each in rights]
