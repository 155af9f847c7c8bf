"""Allowances, grants and whole ledgers for property tests.

The ledgers hold small numbers of one unit around one instant, so that grants run out, holds end
and periods turn within a few steps.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias

import attrs
from hypothesis import strategies as st

from entitlements.contracts.allowances.allowance import (
    Allowance,
    Cycle,
    CycleAlignment,
    OveragePolicy,
    Period,
    Rollover,
    Unit,
)
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    EntryKind,
    Expire,
    GiveBack,
    Issue,
    LedgerCommand,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.ledger.ledger import Ledger, Posted
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc

_Step: TypeAlias = tuple[str, int, int, int, int | None, int, bool]

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
    return Rollover(at_least=draw(st.integers(0, top)), at_most=top)


@st.composite
def allowances(draw: st.DrawFn) -> Allowance:
    """Allowances of every unit, recurrence, alignment, rollover and overage policy."""
    recurrence = draw(st.none() | st.builds(Cycle, st.sampled_from(Period), st.integers(1, 4)))
    over_use = draw(st.sampled_from(OveragePolicy))
    return Allowance(
        id=draw(st.sampled_from(["cases", "hours"])),
        unit=draw(st.sampled_from(Unit)),
        amount=draw(st.integers(0, 100)),
        priority=draw(st.integers(0, 3)),
        recurrence=recurrence,
        aligned=draw(st.sampled_from(CycleAlignment)),
        rollover=None if recurrence is None else draw(st.none() | rollovers()),
        over_use=over_use,
        cap=draw(st.integers(0, 9)) if over_use is OveragePolicy.CAP else None,
    )


# Built once: a strategy made for each draw costs more than what it draws.
_GRANT: Final = st.tuples(
    st.sampled_from([0, 1, 2, 3, 5, 8, 8]),
    st.sampled_from([0, 0, 0, 6, 30]),
    st.sampled_from([None, 24, 48, 150]),
    st.integers(0, 1),
    st.none() | rollovers(),
    st.sampled_from(OveragePolicy),
    st.integers(0, 3),
)
_STEP: Final = st.tuples(
    st.sampled_from(["reserve"] * 6 + ["commit"] * 5 + ["give back"] * 2 + ["void", "expire"])
    | st.sampled_from(
        ["reserve", "commit", "give back", "adjust", "transfer", "withdraw", "commit"]
    ),
    st.sampled_from([0, 0, 0, 1, 5, 20]),
    st.sampled_from([0, 0, 0, 0, 3, 15]),
    st.integers(1, 7),
    st.sampled_from([None, 1, 10, 40]),
    st.integers(0, 3),
    st.booleans(),
)


def grant_lists(
    *, least: int = 1, most: int = 4, plain: bool = False
) -> st.SearchStrategy[list[Grant]]:
    """Grants of minutes with different ids; `plain` ones neither roll over nor allow overage."""
    terms = st.lists(_GRANT, min_size=least, max_size=most)
    return terms.map(lambda each: [_grant(n, plain, *term) for n, term in enumerate(each)])


def _grant(
    number: int,
    plain: bool,  # noqa: FBT001 - the terms follow by position
    amount: int,
    begin: int,
    hours: int | None,
    priority: int,
    rollover: Rollover | None,
    over_use: OveragePolicy,
    cap: int,
) -> Grant:
    effective = START + begin * HOUR
    rolls = None if plain else rollover
    policy = OveragePolicy.REFUSE if plain else over_use
    return Grant(
        id=f"g{number}",
        unit=Unit.MINUTES,
        amount=amount,
        effective=effective,
        expires=None if hours is None else effective + hours * HOUR,
        priority=priority,
        resets=None if rolls is None else effective + 12 * HOUR,
        rollover=rolls,
        over_use=policy,
        cap=cap if policy is OveragePolicy.CAP else None,
    )


def ledgers(
    *, late: bool = True, plain: bool = False, steps: int = 10
) -> st.SearchStrategy[Ledger]:
    """Ledgers with a history of up to `steps` commands, some of them late if `late`."""
    history = st.lists(_STEP, max_size=steps) | st.lists(_STEP, min_size=steps, max_size=steps)
    return st.builds(partial(_ledger_of, late=late), grant_lists(plain=plain), history)


def _ledger_of(grants: list[Grant], history: list[_Step], *, late: bool) -> Ledger:
    ledger, now = Ledger(), START
    for grant in grants:
        ledger = ledger.post(Issue(grant=grant), START).ledger
    names: dict[EntryKind, list[str]] = {EntryKind.RESERVE: [], EntryKind.COMMIT: []}
    for count, (kind, hours, back, amount, lasts, pick, whole) in enumerate(history):
        now += hours * HOUR
        live = names[EntryKind.COMMIT if kind == "give back" else EntryKind.RESERVE]
        target = live[-1 - pick % len(live)] if live else "unknown"
        command = _command(kind, f"k{count}", target, grants[pick % len(grants)].id)
        command = attrs.evolve(command, **_terms(command, amount, lasts, whole=whole))
        try:
            at = max(START, now - back * HOUR) if late else now
            outcome = ledger.post(command, at)
        except EntitlementsError:
            continue
        ledger = outcome.ledger
        if isinstance(outcome, Posted):
            names.setdefault(command.kind, []).append(command.key)
    return ledger


def _command(kind: str, key: str, target: str, grant: str) -> LedgerCommand:
    commands: dict[str, LedgerCommand] = {
        "reserve": Reserve(key=key, unit=Unit.MINUTES, amount=1),
        "commit": Commit(key=key, hold=target),
        "void": Void(key=key, hold=target),
        "expire": Expire(key=key, hold=target),
        "give back": GiveBack(key=key, commit=target),
        "adjust": Adjust(key=key, grant=grant, amount=1),
        "withdraw": Withdraw(key=key, grant=grant),
        "transfer": TransferUnits(key=key, grant=grant, to="other"),
    }
    return commands[kind]


def _terms(
    command: LedgerCommand, amount: int, lasts: int | None, *, whole: bool
) -> dict[str, Any]:
    match command:
        case Reserve():
            end = None if lasts is None else lasts * HOUR
            return {"amount": amount, "duration": end, "consent": whole}
        case Commit() | GiveBack() | TransferUnits():
            return {"amount": None if whole else amount // 2 + 1}
        case Adjust():
            return {"amount": amount if whole else -amount}
        case _:
            return {}
