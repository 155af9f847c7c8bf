"""What holds for every decision: the properties E17 to E32, over seeded worlds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pendulum
import pytest
from tests.access.differential import seeded
from tests.access.seeded import accepted, answers, asked_one_by_one, brief, some_worlds
from tests.access.small import CONTRACT, MONDAY, PLAN, REFUSALS, REQUEST, Case, with_account
from tests.effort import tries

from entitlements.access import (
    OVERAGE_CONSENT,
    AccountDecider,
    Deferred,
    Denied,
    Granted,
    Reason,
    RemedyKind,
    decide,
)
from entitlements.access.reasons import CHECK_OF, Check
from entitlements.contracts import (
    AccessRight,
    Account,
    Block,
    Catalog,
    Contract,
    Delegation,
    Grace,
    LineStatus,
    NamedContact,
    OpenCase,
    Transfer,
    line_histories,
)
from entitlements.contracts.account import AccountPart
from entitlements.contracts.ledger.counted_cases import CountedCases
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.changes import Change
from entitlements.contracts.validity.terms import contract_terms
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import key, key_parts
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.testing.strategies.worlds.access import World

RARE_REMEDIES = (45_014, 45_024, 45_049, 45_091, 45_096)
"""Seeds of worlds with remedies that few worlds have, so that the loop below is short."""
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def test_two_blocks_that_touch_are_one() -> None:
    for world in some_worlds():
        start = from_micros(world.questions[0][1])
        parts = [
            Block(id="Z1", start=start, end=start + 30 * DAY, extends_term=True),
            Block(id="Z2", start=start + 30 * DAY, end=start + 50 * DAY, extends_term=True),
        ]
        whole = [attrs.evolve(parts[0], end=start + 50 * DAY)]
        assert answers_with(world, parts) == answers_with(world, whole)


def answers_with(world: World, blocks: list[Block]) -> object:
    """Return the answers with further blocks, or why these cannot be: a term would overlap."""
    try:
        account = attrs.evolve(world.account, changes=(*world.account.changes, *blocks))
    except ConflictError as error:
        return error.field
    return answers(world, account)


def test_rights_in_grace_are_some_of_those_in_force() -> None:
    rights = [AccessRight(id="experts", group="dba"), AccessRight(id="mail", group="desk")]
    for kept in ([], ["mail"], ["experts", "mail"]):
        plan = attrs.evolve(PLAN, rights=rights, grace=Grace(days=30, rights=kept))
        catalog = attrs.evolve(Case().catalog, plans=[plan])
        account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, months=2)])
        open_to = {
            at: {
                each.right
                for each in decide(REQUEST, catalog, account, at).candidates
                if not each.reasons
            }
            for at in (MONDAY - 5 * DAY, MONDAY)
        }
        assert open_to[MONDAY - 5 * DAY] == {"experts", "mail"}
        assert open_to[MONDAY] == {*(kept or ["experts", "mail"])}


def test_an_active_line_has_an_active_contract() -> None:
    for world in some_worlds():
        changes = {each.id: each for each in sorted(world.account.changes, key=_recorded)}
        for line in line_histories(world.account, world.catalog):
            mine = [each for each in changes.values() if each.contract in {line.contract.id, None}]
            known = [each for each in mine if not each.retracted]
            terms = contract_terms(line.contract, known)
            for _, at in world.questions:
                if line.states.at(at).status is LineStatus.ACTIVE:
                    assert any(start <= at < end for start, end in terms)


def _recorded(change: Change) -> datetime:
    return change.recorded or datetime.min.replace(tzinfo=UTC)


def test_after_a_transfer_there_is_one_holder_at_each_instant() -> None:
    passed = utc("2026-03-02T11:00Z")
    changes = [
        Transfer(id="T1", contract="C", to="blox", at=passed),
        Transfer(id="T2", contract="C", to="acme", at=passed + 7 * DAY),
    ]
    for at in (passed - TICK, passed, passed + TICK, passed + 7 * DAY - TICK, passed + 7 * DAY):
        holders = []
        for customer in ("acme", "blox"):
            account = Account(customer=customer, contracts=[CONTRACT], changes=changes)
            asked = attrs.evolve(REQUEST, customer=customer)
            if not isinstance(decide(asked, Case().catalog, account, at), Denied):
                holders.append(customer)
        assert holders == (["blox"] if passed <= at < passed + 7 * DAY else ["acme"])


def test_a_grant_follows_from_the_facts_it_cites() -> None:
    for world in some_worlds():
        for _, request, at, answer in asked_one_by_one(world):
            # A line of a plan that an add-on needs is not cited.
            add_ons = any(plan.requires_plan for plan in world.catalog.plans)
            if isinstance(answer, Granted) and not add_ons:
                cited = {fact for each in answer.candidates[0].results for fact in each.cites}
                account = world.account
                less = attrs.evolve(
                    account,
                    contracts=[each for each in account.contracts if each.id in cited],
                    changes=[
                        c for c in account.changes if c.contract is None or c.contract in cited
                    ],
                    delegations=[each for each in account.delegations if each.contract in cited],
                )
                if not any(each.replaces in cited for each in account.contracts):
                    again = decide(request, world.catalog, less, from_micros(at))
                    assert brief(again) == brief(answer)


@pytest.mark.parametrize("check", [each for each in Check if each is not Check.WINDOW])
def test_each_check_decides_by_itself(check: Check) -> None:
    """Between granted and denied lies one change, and one check that fails."""
    assert isinstance(Case().decision, Granted)
    reasons = [reason for reason in REFUSALS if CHECK_OF[reason] is check]
    assert reasons
    for reason in reasons:
        answer = REFUSALS[reason]().decision
        assert isinstance(answer, Denied)
        assert {CHECK_OF[each] for each in answer.reasons} == {check}


def test_every_way_out_leads_where_it_says() -> None:
    """Followed step by step from the outside: record what it adds, ask what it asks, then."""
    kinds: set[RemedyKind] = set()
    for number, seed in enumerate([*RARE_REMEDIES, *range(45_000, 45_200)]):
        if number >= tries(14) and kinds == {*RemedyKind}:
            break
        world = seeded(seed)
        for _, _, _, answer in asked_one_by_one(world):
            for remedy in () if isinstance(answer, Granted) else answer.remedies:
                account = world.account
                for fact in remedy.adds:
                    account = account.record(fact, answer.at)
                after = decide(remedy.ask, world.catalog, account, remedy.at)
                assert after == remedy.leads_to
                assert not isinstance(after, Denied)
                kinds.add(remedy.kind)
    assert kinds == {*RemedyKind}


def test_a_well_formed_question_always_has_an_answer() -> None:
    odd = attrs.evolve(
        REQUEST, id="x" * 200, version="9", asset="9", site="9", party="9", follows="9", group="9"
    )
    for world in some_worlds():
        terms = AccountDecider(world.account, world.catalog)
        for at in (utc("0003-01-01T00:00Z"), utc("2090-01-01T00:00Z"), MONDAY):
            for request in (REQUEST, odd, world.questions[0][0]):
                answer = terms.decide(request, at)
                assert answer.candidates is not None
                assert answer.valid_until is None or answer.valid_until > at


@pytest.mark.parametrize("lost", [False, True], ids=["stale", "lost"])
@pytest.mark.parametrize("part", AccountPart)
def test_what_is_unknown_never_turns_a_denial_into_a_grant(
    part: AccountPart, *, lost: bool
) -> None:
    for world in some_worlds(tries(12)):
        broken = attrs.evolve(world.account, unknown={part: "timed out"})
        whole = attrs.evolve(world.account, unknown={})
        if lost:
            gone: dict[str, Any] = {part.value: Ledger() if part is AccountPart.LEDGER else ()}
            if part is AccountPart.CONTRACTS:
                gone |= {"changes": (), "delegations": ()}
            broken = attrs.evolve(broken, **gone)
        for one, other in zip(answers(world, whole), answers(world, broken), strict=True):
            assert isinstance(other, Denied) or not isinstance(one, Denied)


def test_an_unknown_customer_is_denied() -> None:
    for world in some_worlds():
        for request, at in world.questions:
            answer = decide(request, world.catalog, None, from_micros(at))
            assert brief(answer) == ("denied", (Reason.CUSTOMER_UNKNOWN,))


@pytest.mark.parametrize("part", AccountPart)
def test_a_partial_answer_once_completed_is_the_full_answer(part: AccountPart) -> None:
    for world in some_worlds()[:20]:
        partial = AccountDecider(attrs.evolve(world.account, unknown={part: "late"}), world.catalog)
        whole = attrs.evolve(world.account, unknown={})
        complete = partial.with_account(whole)
        again = [complete.decide_at(request, at) for request, at in world.questions]
        assert again == answers(world, whole)


def test_a_denial_has_reasons_and_a_grant_one_line() -> None:
    for world in some_worlds():
        contracts = {(c.id, line.line) for c, line in _lines(world)}
        for answer in answers(world):
            if isinstance(answer, Denied):
                assert answer.reasons
                assert {*answer.reasons} <= {*Reason}
            else:
                promise = answer.entitlement
                assert (promise.contract, promise.line) in contracts


def _lines(world: World) -> list[tuple[Contract, Any]]:
    return [(each.contract, each) for each in line_histories(world.account, world.catalog)]


def test_the_chosen_one_is_the_first_and_without_it_the_second_is() -> None:
    for world in some_worlds():
        for terms, request, at, answer in asked_one_by_one(world):
            if not isinstance(answer, Granted) or answer.entitlement.right is None:
                continue
            free = [each for each in answer.candidates if not each.reasons]
            chosen = (
                answer.entitlement.contract,
                answer.entitlement.line,
                answer.entitlement.right,
            )
            names = [(each.contract, each.line, each.right) for each in free]
            assert names[0] == chosen
            assert [each.chosen for each in free] == [True] + [False] * (len(free) - 1)
            others = [each.contract for each in free if each.contract != chosen[0]]
            add_ons = any(plan.requires_plan for plan in world.catalog.plans)
            if not others or world.account.changes or add_ons:
                continue
            kept = [each for each in world.account.contracts if each.id != chosen[0]]
            if any(each.replaces == chosen[0] for each in kept):
                continue
            delegations = [d for d in world.account.delegations if d.contract != chosen[0]]
            less = attrs.evolve(world.account, contracts=kept, delegations=delegations)
            second = accepted(terms.with_account(less).decide_at(request, at))
            assert second is not None
            assert second.entitlement.contract == others[0]


def test_losing_a_right_ends_that_of_the_delegates_at_that_instant() -> None:
    def link(id: str, giver: str, receiver: str, depth: int) -> Delegation:
        start = utc("2026-01-01T00:00Z")
        return Delegation(
            id=id, contract="C", giver=giver, receiver=receiver, start=start, depth=depth
        )

    links = [
        link("D1", "dana", "ann", 2),
        link("D2", "ann", "bea", 1),
        link("D3", "bea", "cleo", 0),
    ]
    named = [NamedContact(contact="dana", end=date(2026, 3, 2))]
    contract = attrs.evolve(CONTRACT, contacts=named)
    account = Account(customer="acme", contracts=[contract], delegations=links)
    end = utc("2026-03-03T00:00Z")
    for person in ("dana", "ann", "bea", "cleo"):
        asked = attrs.evolve(REQUEST, contact=person)
        before, after = (decide(asked, Case().catalog, account, at) for at in (end - TICK, end))
        assert not isinstance(before, Denied)
        assert isinstance(after, Denied)
    further = [*links, link("D4", "cleo", "dot", 0)]
    asked = attrs.evolve(REQUEST, contact="dot")
    answer = decide(asked, Case().catalog, attrs.evolve(account, delegations=further), MONDAY)
    assert brief(answer) == ("denied", (Reason.CONTACT_NOT_NAMED,))


def test_the_same_instant_in_another_zone_has_the_same_answer() -> None:
    for world in some_worlds()[:20]:
        terms = AccountDecider(world.account, world.catalog)
        for request, at in world.questions:
            instant = from_micros(at)
            expected = terms.decide(request, instant)
            for zone in ("Asia/Kathmandu", "America/New_York"):
                assert terms.decide(request, instant.astimezone(ZoneInfo(zone))) == expected
            assert terms.decide(request, pendulum.instance(instant, tz="Europe/Rome")) == expected


def test_before_valid_until_nothing_changes() -> None:
    random = Random(31)  # noqa: S311 - a seed has to replay it
    for world in some_worlds():
        for terms, request, at, answer in asked_one_by_one(world):
            until = answer.valid_until
            end = at + 400 * 86_400_000_000 if until is None else to_micros(until)
            assert end > at
            for _ in range(4):
                later = random.randrange(at, end)
                assert brief(terms.decide_at(request, later)) == brief(answer)
            assert brief(terms.decide_at(request, end - 1)) == brief(answer)


def test_renaming_everything_renames_the_answer() -> None:
    for world in some_worlds():
        plain = attrs.evolve(world.account, ledger=Ledger())
        account: Account = renamed(plain)
        catalog: Catalog = renamed(world.catalog)
        terms = AccountDecider(account, catalog)
        for (request, at), answer in zip(world.questions, answers(world, plain), strict=True):
            again = terms.decide_at(renamed(request), at)
            assert brief(again) == renamed(brief(answer))


_KEPT = {"granted", "deferred", "denied", OVERAGE_CONSENT}
_NOT_NAMES = {"zone", "source", "name", "reason", "fingerprint"}


def renamed(value: Any) -> Any:  # noqa: PLR0911 - one line a kind
    """Return the value with a letter before every name in it; orders stay."""
    match value:
        case Enum() | None | bool() | int() | date() | timedelta():
            return value
        case str():
            if "/" in value:
                return "/".join(f"n{part}" for part in value.split("/"))
            if len(parts := key_parts(value)) > 1:
                return key(parts[0], *(f"n{part}" for part in parts[1:]))
            return value if value in _KEPT else f"n{value}"
        case FrozenMap():
            return FrozenMap({renamed(key): renamed(each) for key, each in value.items()})
        case tuple() | CountedCases():
            return tuple(renamed(each) for each in value)
        case frozenset():
            return frozenset(renamed(each) for each in value)
        case _ if attrs.has(type(value)) and type(value).__module__.startswith(
            ("entitlements.contracts", "entitlements.access", "entitlements.kernel.requests")
        ):
            names = [
                f.name for f in attrs.fields(type(value)) if f.init and f.name not in _NOT_NAMES
            ]
            return attrs.evolve(value, **{name: renamed(getattr(value, name)) for name in names})
        case _:
            return value


def test_threads_share_terms() -> None:
    for world in some_worlds()[:10]:
        expected = answers(world)
        terms = AccountDecider(world.account, world.catalog)
        with ThreadPoolExecutor(8) as pool:
            requests, instants = zip(*(8 * world.questions), strict=True)
            found = list(pool.map(terms.decide_at, requests, instants))
        assert found == 8 * expected


def test_a_case_of_its_own_does_not_count_against_a_request() -> None:
    own = OpenCase(id="R", contract="C", line="1", opened=MONDAY - DAY)
    catalog = attrs.evolve(Case().catalog, plans=[attrs.evolve(PLAN, concurrency=1)])
    assert isinstance(decide(REQUEST, catalog, with_account(cases=[own]).account, MONDAY), Granted)
    closed = attrs.evolve(own, closed=MONDAY - TICK)
    other = attrs.evolve(own, id="K")
    account = with_account(cases=[closed, other]).account
    assert isinstance(decide(REQUEST, catalog, account, MONDAY), Denied)


def test_an_answer_is_neither_true_nor_false() -> None:
    for answer in (Case().decision, REFUSALS[Reason.NO_CONTRACT]().decision):
        with pytest.raises(TypeError, match="match on it"):
            bool(answer)
    assert isinstance(Case(at=MONDAY + 5 * DAY).decision, Deferred)
