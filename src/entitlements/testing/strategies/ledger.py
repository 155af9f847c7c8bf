"""Allowances, grants and whole ledgers for property tests.

The ledgers hold small numbers of one unit around one instant, so that grants run out, holds end
and periods turn within a few steps.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from entitlements.contracts.allowances import (
    Aligned,
    Allowance,
    Cycle,
    OverUse,
    Period,
    Rollover,
    Unit,
)
from entitlements.contracts.entries import (
    Adjust,
    Command,
    Commit,
    Expire,
    GiveBack,
    Issue,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.grants import Grant
from entitlements.contracts.ledger import Ledger
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc

START: Final = utc("2026-01-01T00:00Z")
HOUR: Final = timedelta(hours=1)


def instants() -> st.SearchStrategy[datetime]:
    """Instants from a day before to nine days after `START`, often on the hour."""
    hours = st.integers(-24, 9 * 24).map(lambda n: START + n * HOUR)
    return hours | st.tuples(hours, st.sampled_from([-1, 1])).map(
        lambda pair: pair[0] + timedelta(microseconds=pair[1])
    )


@st.composite
def rollovers(draw: st.DrawFn, most: int = 6) -> Rollover:
    """Rollovers of up to `most` units."""
    top = draw(st.integers(0, most))
    return Rollover(least=draw(st.integers(0, top)), most=top)


@st.composite
def allowances(draw: st.DrawFn) -> Allowance:
    """Allowances of every unit, recurrence, alignment, rollover and over-use policy."""
    recurrence = draw(st.none() | st.builds(Cycle, st.sampled_from(Period), st.integers(1, 4)))
    over_use = draw(st.sampled_from(OverUse))
    return Allowance(
        id=draw(st.sampled_from(["cases", "hours"])),
        unit=draw(st.sampled_from(Unit)),
        amount=draw(st.integers(0, 100)),
        priority=draw(st.integers(0, 3)),
        recurrence=recurrence,
        aligned=draw(st.sampled_from(Aligned)),
        rollover=None if recurrence is None else draw(st.none() | rollovers()),
        over_use=over_use,
        cap=draw(st.integers(0, 9)) if over_use is OverUse.CAP else None,
    )


@st.composite
def grant_lists(
    draw: st.DrawFn, *, least: int = 1, most: int = 4, plain: bool = False
) -> list[Grant]:
    """Grants of minutes with ids of their own; `plain` ones neither roll over nor allow overage."""
    return [draw(_grants(f"g{n}", plain)) for n in range(draw(st.integers(least, most)))]


@st.composite
def _grants(draw: st.DrawFn, id: str, plain: bool) -> Grant:  # noqa: FBT001 - drawn by position
    effective = START + draw(st.sampled_from([0, 0, 0, 6, 30])) * HOUR
    hours = draw(st.sampled_from([None, 24, 48, 150]))
    rollover = None if plain else draw(st.none() | rollovers())
    over_use = OverUse.REFUSE if plain else draw(st.sampled_from(OverUse))
    return Grant(
        id=id,
        unit=Unit.MINUTES,
        amount=draw(st.integers(0, 8)),
        effective=effective,
        expires=None if hours is None else effective + hours * HOUR,
        priority=draw(st.integers(0, 1)),
        resets=None if rollover is None else effective + 12 * HOUR,
        rollover=rollover,
        over_use=over_use,
        cap=draw(st.integers(0, 3)) if over_use is OverUse.CAP else None,
    )


@st.composite
def ledgers(draw: st.DrawFn, *, late: bool = True, plain: bool = False, steps: int = 8) -> Ledger:
    """Ledgers with a history of up to `steps` commands, some of them late if `late`."""
    ledger, now = Ledger(), START
    grants = draw(grant_lists(plain=plain))
    for grant in grants:
        ledger = ledger.post(Issue(grant=grant), START).ledger
    names: list[str] = ["nobody"]
    for count in range(draw(st.integers(0, steps))):
        now += draw(st.sampled_from([0, 0, 1, 5, 20])) * HOUR
        back = draw(st.sampled_from([0, 0, 0, 0, 3, 15])) if late else 0
        target = draw(st.sampled_from(names[-4:]))
        grant = draw(st.sampled_from(grants))
        command = draw(_commands(f"k{count}", target, grant.id))
        try:
            ledger = ledger.post(command, max(START, now - back * HOUR)).ledger
        except EntitlementsError:
            continue
        names.append(command.key)
    return ledger


def _commands(key: str, target: str, grant: str) -> st.SearchStrategy[Command]:
    reserve = st.builds(
        Reserve,
        key=st.just(key),
        unit=st.just(Unit.MINUTES),
        amount=st.integers(1, 7),
        lasts=st.sampled_from([None, HOUR, 10 * HOUR, 40 * HOUR]),
        consent=st.booleans(),
    )
    amount = st.none() | st.integers(1, 5)
    return st.one_of(
        reserve,
        reserve,
        st.builds(Commit, key=st.just(key), hold=st.just(target), amount=amount),
        st.builds(Commit, key=st.just(key), hold=st.just(target), amount=amount),
        st.builds(Void, key=st.just(key), hold=st.just(target)),
        st.builds(Expire, key=st.just(key), hold=st.just(target)),
        st.builds(GiveBack, key=st.just(key), commit=st.just(target), amount=amount),
        st.builds(
            Adjust, key=st.just(key), grant=st.just(grant), amount=st.sampled_from([-2, -1, 1, 3])
        ),
        st.builds(Withdraw, key=st.just(key), grant=st.just(grant)),
        st.builds(
            TransferUnits,
            key=st.just(key),
            grant=st.just(grant),
            to=st.just("other"),
            amount=amount,
        ),
    )
