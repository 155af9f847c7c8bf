from datetime import timedelta

import attrs
import pytest
from tests.service.desks import (
    CATALOG,
    MONDAY,
    POLICY,
    TENANT,
    account,
    admitted,
    desk,
    plan,
    request,
)
from tests.service.replays import replayed

from entitlements.adapters.memory import MemoryStore
from entitlements.cli.commands.demo import document
from entitlements.contracts import AccessRight, ContractLine, Coverage, NamedContact
from entitlements.documents import parse_facts
from entitlements.engine import Engine, Facts
from entitlements.kernel.errors import ConflictError, UnknownIdError
from entitlements.ports import DecisionRecord
from entitlements.service import AdmitRequest, CancelCase, Desk, ResolveCase
from entitlements.testing.laws.desk import replays

HOUR = timedelta(hours=1)


def test_decisions_replay_equal_after_catalog_and_account_have_changed(
    store: MemoryStore, at_desk: Desk
) -> None:
    for number in range(5):
        at_desk.execute(
            AdmitRequest(id=f"o{number}", request=request(f"O-{number}", "opening")), MONDAY
        )
        at_desk.execute(
            AdmitRequest(id=f"s{number}", request=request(f"S-{number}", "single")), MONDAY
        )
    at_desk.execute(ResolveCase(id="r", case="S-0"), MONDAY + HOUR)
    at_desk.execute(CancelCase(id="c", case="O-0"), MONDAY + HOUR)
    follow_up = request("F-1", "opening", follows="O-1")
    at_desk.execute(AdmitRequest(id="f", request=follow_up), MONDAY + 2 * HOUR)
    (contract,) = at_desk.context.query(lambda work: work.accounts.account("opening")).contracts  # type: ignore[union-attr]
    ended = attrs.evolve(contract, end=contract.start, recorded=MONDAY + 3 * HOUR)
    with store.begin(TENANT) as work:
        work.accounts.add("opening", ended, at=MONDAY + 3 * HOUR)
        slower = attrs.evolve(POLICY, targets=POLICY.targets[1:])
        work.catalog.save(CATALOG, [slower], MONDAY + 3 * HOUR)
        work.commit()
    at_desk.execute(AdmitRequest(id="late", request=request("L-1", "opening")), MONDAY + 4 * HOUR)
    assert replays(store, TENANT) == 12
    results = [each.outcome_now for each in desk(store).replay_all()]
    assert sum('"outcome":"granted"' in each for each in results) == 5


def test_roles_kinds_and_languages_are_replayed_as_they_were_decided() -> None:
    right = AccessRight(id="experts", group="experts", kinds=["incident"], languages=["ja"])
    said = attrs.evolve(
        plan("said"),
        kinds=["incident", "question"],
        opened_by={"S1": ["admin"]},
        requires_plan=["flat"],
        suspended_by=["default"],
        rights=[right],
    )
    default = attrs.evolve(plan("default"), suspended_by=["said"])
    people = [NamedContact(contact="dana", roles=["admin"]), NamedContact(contact="emil")]
    base = account("said").contracts[0]
    lines = [
        attrs.evolve(base.lines[0], experts=["bob"]),
        ContractLine(id="2", plan="flat", coverage=Coverage(level="product", ids=["other"])),
    ]
    contract = attrs.evolve(base, contacts=people, lines=lines)
    store = MemoryStore()
    with store.begin(TENANT) as work:
        work.catalog.save(
            attrs.evolve(CATALOG, plans=[*CATALOG.plans, said, default]), [POLICY], MONDAY - HOUR
        )
        work.accounts.open(attrs.evolve(account("said"), contracts=[contract]))
        work.commit()
    at_desk = desk(store)
    results = [
        at_desk.execute(
            AdmitRequest(id=f"k-{number}", request=request(f"R-{number}", "said", **facts)), MONDAY
        ).result.value
        for number, facts in enumerate(
            [
                {"kind": "incident", "language": "ja"},
                {"kind": "incident", "language": "ja", "contact": "emil"},
                {"kind": "question", "language": "ja"},
                {"kind": "incident"},
                {"language": "ja"},
            ]
        )
    ]
    assert results == ["granted", "denied", "denied", "denied", "denied"]
    nobody = attrs.evolve(contract, contacts=people[1:], recorded=MONDAY + HOUR)
    with store.begin(TENANT) as work:
        work.accounts.add("said", nobody, at=MONDAY + HOUR)
        work.catalog.save(CATALOG, [POLICY], MONDAY + HOUR)
        work.commit()
    assert replays(store, TENANT) == 5


def test_one_case_is_replayed_with_its_decision_inputs(at_desk: Desk) -> None:
    admitted(at_desk, request())
    (again,) = at_desk.replay("R-1")
    assert again.same
    assert again.differs == ()
    assert (again.number, again.outcome_then) == (1, again.outcome_now)
    with pytest.raises(UnknownIdError, match="R-2"):
        at_desk.replay("R-2")


def test_a_record_that_was_inserted_into_the_past_is_named(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    with store.begin(TENANT) as work:
        account = work.accounts.account("flat")
        assert account is not None
        (contract,) = account.contracts
        forged = attrs.evolve(contract, contacts=[], recorded=MONDAY - HOUR)
        work.accounts.add("flat", forged, at=MONDAY)
        work.commit()
    (again,) = at_desk.replay("R-1")
    assert again.differs == ("account",)
    assert not again.same


def test_a_forged_outcome_does_not_replay(store: MemoryStore, at_desk: Desk) -> None:
    admitted(at_desk, request())
    (link,) = at_desk.context.query(lambda work: work.decisions.links())
    body = link.body.replace("experts", "strangers")
    forged: DecisionRecord = attrs.evolve(link, number=2, previous=link.digest, body=body)
    with store.begin(TENANT) as work:
        work.decisions.append(forged)
        work.commit()
    genuine, other = at_desk.replay("R-1")
    assert genuine.same
    assert not other.same


def test_a_request_of_an_unknown_customer_replays(at_desk: Desk) -> None:
    at_desk.execute(AdmitRequest(id="k", request=request(customer="stranger")), MONDAY)
    (again,) = at_desk.replay("R-1")
    assert again.same
    assert again.differs == ()


@pytest.mark.parametrize("seed", range(2))
def test_the_requests_of_the_demo_replay_equal(seed: int) -> None:
    results = replayed(parse_facts(document()), seed, 150)
    assert min(results[each] for each in ("granted", "deferred", "denied")) > 0


def test_a_decision_is_explained_from_the_facts_it_was_made_from(
    store: MemoryStore, at_desk: Desk
) -> None:
    denied = request("R-2", "flat", severity="S9")
    at_desk.execute(AdmitRequest(id="k", request=denied), MONDAY)
    facts = Facts(catalog=CATALOG, policies=[POLICY], accounts=[account("flat")])
    expected = Engine(facts).assess(denied, MONDAY)
    with store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [attrs.evolve(POLICY, targets=POLICY.targets[1:])], MONDAY)
        work.commit()
    found = at_desk.explain("R-2")
    assert found == expected
    assert found.decision.candidates == expected.decision.candidates
    assert found.decision.remedies == expected.decision.remedies  # type: ignore[union-attr]
    assert "Denied: the plan's severity scale" in found.explain()
    with pytest.raises(UnknownIdError, match="R-3"):
        at_desk.explain("R-3")


def test_the_last_decision_about_a_case_is_explained(at_desk: Desk) -> None:
    asking = request("R-1", "asking")
    at_desk.execute(AdmitRequest(id="k1", request=asking), MONDAY)
    agreed = attrs.evolve(asking, conditions=["overage-consent"])
    at_desk.execute(AdmitRequest(id="k2", request=agreed), MONDAY + HOUR)
    assert at_desk.explain("R-1").request == agreed


def test_a_decision_whose_facts_were_changed_is_not_explained(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    with store.begin(TENANT) as work:
        account = work.accounts.account("flat")
        assert account is not None
        (contract,) = account.contracts
        forged = attrs.evolve(contract, contacts=[], recorded=MONDAY - HOUR)
        work.accounts.add("flat", forged, at=MONDAY)
        work.commit()
    with pytest.raises(ConflictError, match="another decision"):
        at_desk.explain("R-1")
