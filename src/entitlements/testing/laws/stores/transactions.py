"""Laws of a store about units of work, tenants, messages, decisions and commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeAlias

import attrs
from hypothesis import HealthCheck, Phase, settings

from entitlements.contracts.account import Account
from entitlements.kernel.errors import (
    ConflictError,
    EntitlementsError,
    InvalidValueError,
    StaleReadError,
    StorageError,
    UnknownIdError,
)
from entitlements.ports.records import ChainHead, DecisionRecord, ExecutedCommand
from entitlements.ports.store import Store
from entitlements.testing.strategies import ports as draw

Make: TypeAlias = Callable[[], Store]
Law: TypeAlias = Callable[[Make], None]

START: Final = draw.START
HOUR: Final = timedelta(hours=1)
SOME: Final = settings(
    max_examples=min(25, settings().max_examples // 4),
    deadline=None,
    phases=[each for each in Phase if each is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
"""Few examples of stored values, which are large: a quarter of those of the profile, at most 25.

Which parts of a failing example do not matter is not searched: it takes five times as long as to
find the simplest one.
"""


def refused(kind: type[EntitlementsError], call: Callable[..., object], *given_: Any) -> None:
    """Raise `AssertionError` unless `call` is refused with that kind of error."""
    try:
        call(*given_)
    except kind:
        return
    raise AssertionError(f"{call} did not raise {kind.__name__}")


def opened(make: Make, *accounts: Account) -> Store:
    """Return a new store that keeps these accounts, or one called `acme`, for tenant `t`."""
    store = make()
    with store.begin("t") as work:
        for each in accounts or (draw.account(),):
            work.accounts.open(each)
        work.commit()
    return store


def _fail() -> None:
    raise LookupError


# Units of work


def what_is_not_committed_never_happened(make: Make) -> None:
    """Leaving a unit without `commit`, or with an exception, rolls everything back."""
    store = opened(make)
    with store.begin("t") as work:
        work.outbox.put("topic", "{}", START)
        work.accounts.open(draw.account("other"))
        assert work.accounts.account("other") == draw.account("other")
    try:
        with store.begin("t") as work:
            work.cases.open(draw.case())
            _fail()
    except LookupError:
        pass
    with store.begin("t") as work:
        assert work.outbox.pending() == ()
        assert work.accounts.customers() == ("acme",)
        assert work.accounts.account("acme") == draw.account()
        refused(UnknownIdError, work.cases.case, "R-1")


def a_unit_that_is_over_does_nothing(make: Make) -> None:
    """After `commit`, and after the end, everything is refused."""
    store = opened(make)
    with store.begin("t") as work:
        work.commit()
        refused(StorageError, work.accounts.customers)
        refused(StorageError, work.outbox.put, "topic", "{}", START)
    refused(StorageError, work.commit)


def tenants_are_known_and_named_by_ids(make: Make) -> None:
    """Tenants with stored rows are listed in order, `T` beside `t`; invalid ids are refused."""
    store = opened(make)
    for name in ("a'b", "T"):
        with store.begin(name) as work:
            assert work.accounts.customers() == ()
            work.accounts.open(draw.account())
            work.commit()
    assert store.tenants() == ("T", "a'b", "t")
    for nonsense in ("", " x", "a\0b", "y" * 201):
        refused(InvalidValueError, lambda name=nonsense: store.begin(name).__enter__())


def nasty_names_are_names(make: Make) -> None:
    """Quotes, SQL and non-ASCII letters are kept as they are; NUL is refused."""
    store = opened(make, *(draw.account(name) for name in draw.SPITEFUL))
    with store.begin("t") as work:
        assert work.accounts.customers() == tuple(sorted(draw.SPITEFUL))
        for name in draw.SPITEFUL:
            assert work.accounts.account(name) == draw.account(name)
        calls: list[Callable[[str], object]] = [
            work.accounts.account, work.ledger.ledger, work.cases.case, work.work_items.item,
            work.commands.find,
        ]  # fmt: skip
        for call in calls:
            refused(InvalidValueError, call, "a\0b")
        refused(InvalidValueError, work.outbox.put, "topic", "a\0b", START)
        assert work.accounts.customers() == tuple(sorted(draw.SPITEFUL))


# Outbox, decisions, commands


def messages_are_delivered_in_order(make: Make) -> None:
    """Pending messages are in the order of their numbers, until they are delivered."""
    store = make()
    with store.begin("t") as work:
        numbers = [work.outbox.put("topic", f'"{n}\\u0000 ü"', START) for n in range(3)]
        work.commit()
    with store.begin("t") as work:
        found = work.outbox.pending()
        assert [each.number for each in found] == numbers == sorted(numbers)
        assert [each.body for each in found] == [f'"{n}\\u0000 ü"' for n in range(3)]
        assert len(work.outbox.pending(2)) == 2
        work.outbox.delivered([numbers[0], numbers[2], 999])
        work.commit()
    with store.begin("t") as work:
        assert [each.number for each in work.outbox.pending()] == numbers[1:2]
        refused(
            InvalidValueError, work.outbox.put_all, [("topic", "1", ""), ("topic", "\0", "")], START
        )
    with store.begin("t") as work:
        more = [("topic", f"\\u0000 {n} ü\n\\", f"R-{n}") for n in range(20)]
        found_numbers = work.outbox.put_all(more, START)
        assert work.outbox.put_all([], START) == ()
        later = work.outbox.pending()[1:]
        assert [(each.topic, each.body, each.case) for each in later] == more
        assert tuple(each.number for each in later) == found_numbers


def decisions_are_a_chain(make: Make) -> None:
    """Each link follows the head, and none is lost or changed."""
    store = make()
    first = DecisionRecord(
        number=1, at=START, kind="admit", subject="R-1", body='{"b": 1,  "a":2}', digest="d1"
    )
    second = attrs.evolve(first, number=2, subject="R'2", previous="d1", digest="d2")
    with store.begin("t") as work:
        assert work.decisions.head() == ChainHead()
        refused(ConflictError, work.decisions.append, second)
    with store.begin("t") as work:
        work.decisions.append(first)
        work.decisions.append(second)
        work.commit()
    with store.begin("t") as work:
        assert work.decisions.head() == ChainHead(2, "d2")
        assert work.decisions.links() == (first, second)
        assert work.decisions.links(after=1) == (second,)
        assert work.decisions.links(most=1) == (first,)
        assert work.decisions.about("R'2") == (second,)
        refused(ConflictError, work.decisions.append, attrs.evolve(second, number=3))


def commands_are_carried_out_once(make: Make) -> None:
    """A command is recorded once, so that two units cannot both carry it out."""
    store = make()
    done = ExecutedCommand(id="c'1", digest="d", at=START, answer='{"x": "ü"}')
    with store.begin("t") as work:
        assert work.commands.find("c'1") is None
        work.commands.record(done)
        assert work.commands.find("c'1") == done
        work.commit()
    with store.begin("t") as work:
        assert work.commands.find("c'1") == done
        refused(StaleReadError, work.commands.record, attrs.evolve(done, answer="{}"))
    with store.begin("t") as work:
        refused(StaleReadError, work.commands.record, attrs.evolve(done, at=START + HOUR))


UNIT_LAWS: Final[tuple[Law, ...]] = (
    what_is_not_committed_never_happened,
    a_unit_that_is_over_does_nothing,
    tenants_are_known_and_named_by_ids,
    nasty_names_are_names,
)
RECORD_LAWS: Final[tuple[Law, ...]] = (
    messages_are_delivered_in_order,
    decisions_are_a_chain,
    commands_are_carried_out_once,
)
