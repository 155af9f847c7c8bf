"""Laws of a store about whole admissions."""

from __future__ import annotations

from typing import Final

import attrs

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, StaleReadError
from entitlements.ports.records import ChainHead
from entitlements.ports.rules.chain_links import next_link
from entitlements.ports.store import Store
from entitlements.testing.laws.stores.transactions import START, Law, Make, opened, refused
from entitlements.testing.strategies import ports as draw


def _admit(store: Store, id: str, customer: str = "acme", *, opens: bool = True) -> list[int]:
    with store.begin("t") as work:
        facts = work.admissions.facts(f"k-{id}", customer)
        numbers = work.admissions.write(draw.admission(facts, id, customer, opens=opens))
        work.commit()
    return numbers


def an_admission_is_written_with_all_its_parts(make: Make) -> None:
    """Command, entry, case, work, message and link are there after the commit."""
    store, expected = opened(make), draw.account()
    numbers = _admit(store, "R'1")
    with store.begin("t") as work:
        facts = work.admissions.facts("k-R'1", "acme")
        assert (facts.done, facts.edition) == (work.commands.find("k-R'1"), 0)
        case = work.cases.case("R'1")
        assert work.work_items.item("R'1").id == case.id == "R'1"
        ledger = expected.ledger.followed_by([draw.reservation(expected.ledger, "R'1")])
        assert facts.account == work.accounts.account("acme")
        assert facts.account == attrs.evolve(expected, ledger=ledger, cases=[case.counted])
        assert [each.number for each in work.outbox.pending()] == numbers
        (link,) = work.decisions.links()
        assert work.decisions.head() == ChainHead(1, link.digest)
        again = {"at": START, "kind": "admit", "subject": "R'1", "body": link.body}
        assert link == next_link("t", ChainHead(), **again)  # type: ignore[arg-type]


def admissions_of_all_kinds_are_one_chain(make: Make) -> None:
    """Admissions that open a case and others, also of unknown customers, follow each other."""
    store = opened(make)
    for number, (customer, opens) in enumerate(
        [("acme", False), ("nobody", False), ("acme", True), ("acme", False), ("acme", True)]
    ):
        assert len(_admit(store, f"R-{number}", customer, opens=opens)) == 1
    with store.begin("t") as work:
        links, head = work.decisions.links(), ChainHead()
        for link in links:
            named = {"at": link.at, "kind": link.kind, "subject": link.subject, "body": link.body}
            assert link == next_link("t", head, **named)  # type: ignore[arg-type]
            head = ChainHead(link.number, link.digest)
        assert (work.decisions.head(), len(links)) == (head, 5)
        account = work.accounts.account("acme")
        assert account is not None
        assert (len(account.ledger), len(account.cases)) == (3, 2)
        assert work.admissions.facts("k-R-1", "nobody").account is None


def an_admission_is_seen_by_its_unit_alone_before_the_commit(make: Make) -> None:
    """A unit reads what it has admitted; without a commit nothing of it happened."""
    store = opened(make)
    with store.begin("t") as work:
        before = work.admissions.facts("k-R-1", "acme")
        numbers = work.admissions.write(draw.admission(before))
        assert work.cases.case("R-1").id == "R-1"
        assert work.admissions.facts("k-R-1", "acme").done is not None
        assert len(numbers) == len(work.outbox.pending()) == 1
        more = work.admissions.write(draw.admission(work.admissions.facts("k-R-2", "acme"), "R-2"))
        assert len(work.decisions.links()) == 2
        assert more > numbers
    with store.begin("t") as work:
        assert work.admissions.facts("k-R-1", "acme") == before
        work.admissions.write(draw.admission(before))
    with store.begin("t") as work:
        assert work.admissions.facts("k-R-1", "acme") == before
        assert (work.decisions.head(), work.outbox.pending()) == (ChainHead(), ())
        refused(InvalidValueError, work.admissions.write, None)


def an_admission_happens_once(make: Make) -> None:
    """The same command, a case that is there, and an older ledger are refused; nothing is left."""
    store = opened(make)
    with store.begin("t") as work:
        older = work.admissions.facts("k-R-3", "acme")
    _admit(store, "R-1")

    def write(account: Account | None, command: str, id: str, *, opens: bool = True) -> None:
        with store.begin("t") as work:
            facts = work.admissions.facts(command, "acme")
            made = draw.admission(attrs.evolve(facts, account=account or facts.account), id)
            if not opens:
                made = attrs.evolve(made, case=None, item=None, entries=())
            work.admissions.write(attrs.evolve(made, done=attrs.evolve(made.done, id=command)))
            work.commit()

    with store.begin("t") as work:
        before = work.admissions.facts("k-R-1", "acme"), work.decisions.head()
    refused(StaleReadError, lambda: write(None, "k-R-1", "R-2", opens=False))
    refused(StaleReadError, lambda: write(None, "k-R-1", "R-2"))
    refused(StaleReadError, lambda: write(older.account, "k-R-3", "R-3"))
    with store.begin("t") as work:
        assert (work.admissions.facts("k-R-1", "acme"), work.decisions.head()) == before
        assert len(work.outbox.pending()) == 1


def what_a_store_knows_is_checked_when_it_is_written_from(make: Make) -> None:
    """Facts that were not read now are those of the present, or nothing is written from them."""
    store = opened(make)
    _admit(store, "R-1")

    def again(command: str, id: str) -> None:
        with store.begin("t") as work:
            facts = work.admissions.facts(command, "acme", fresh=False)
            assert facts.fresh or (facts.now, facts.done) == (None, None)
            done = attrs.evolve(draw.admission(facts, id).done, id=command)
            work.admissions.write(attrs.evolve(draw.admission(facts, id), done=done))
            work.commit()

    again("k-R-2", "R-2")
    refused(StaleReadError, lambda: again("k-R-2", "R-3"))
    with store.begin("t") as work:
        work.accounts.add("acme", Asset(id="A-9", product="db"), at=START)
        work.catalog.save(Catalog(), [], START)
        work.commit()
    with store.begin("t") as work:
        known = work.admissions.facts("k-R-3", "acme", fresh=False)
        facts = work.admissions.facts("k-R-3", "acme")
        assert (facts.edition, facts.account) == (1, work.accounts.account("acme"))
        assert known == facts or not known.fresh
    with store.begin("t") as work:
        assert [each.subject for each in work.decisions.links()] == ["R-1", "R-2"]


def a_case_is_opened_once(make: Make) -> None:
    """Another command for a case that is there is refused, and leaves nothing."""
    store = opened(make)
    with store.begin("t") as work:
        work.catalog.save(Catalog(), [], START)
        work.cases.open(draw.case("R-1"))
        work.commit()

    def again() -> None:
        with store.begin("t") as work:
            made = draw.admission(work.admissions.facts("k-2", "acme"))
            work.admissions.write(attrs.evolve(made, done=attrs.evolve(made.done, id="k-2")))
            work.commit()

    refused(DuplicateIdError, again)
    with store.begin("t") as work:
        facts = work.admissions.facts("k-2", "acme")
        assert (facts.done, facts.edition, work.decisions.head()) == (None, 1, ChainHead())


ADMISSION_LAWS: Final[tuple[Law, ...]] = (
    an_admission_is_written_with_all_its_parts,
    admissions_of_all_kinds_are_one_chain,
    an_admission_is_seen_by_its_unit_alone_before_the_commit,
    an_admission_happens_once,
    what_a_store_knows_is_checked_when_it_is_written_from,
    a_case_is_opened_once,
)
