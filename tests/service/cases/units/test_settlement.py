"""What the ledger took for cases that are charged in time, beside what their statements say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries
from tests.engine.statements.acme import TEXT
from tests.service.records.acme_desk import TENANT, adopt, opened_desk, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.billing import WorkLog
from entitlements.billing.lines import ChargeLine, LineKind
from entitlements.contracts import Adjust, Commit, GiveBack, Grant, Issue, Ledger, Withdraw
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.documents import parse_facts
from entitlements.engine.facts import Facts
from entitlements.kernel import ConflictError, Request, TransitionError, utc
from entitlements.kernel.ids import key_parts
from entitlements.ports import Store
from entitlements.service import (
    AdmitRequest,
    CancelCase,
    CorrectWork,
    Desk,
    LogWork,
    ResolveCase,
    RetractRecord,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW_YEAR = utc("2026-01-01T00:00+01:00")
MONDAY = utc("2026-03-02T09:00Z")
POOL = pool_id("C-1", "main", "hours")
Taken = dict[tuple[str, str], tuple[int, int]]


HELD = "amount: 60, consumption: resolution"


def facts(allowance: str = HELD, work: str = "15m per case") -> Facts:
    text = TEXT.replace("amount: 60", f"{allowance}, cost: 30").replace("15m per case", work)
    for name in ("AGREED", "CHANGES", "CASES", "BILLING"):
        text = text.replace(name, "")
    return parse_facts(f"products: db{text}")


def admit(desk: Desk, id: str, at: datetime, *, agreed: bool = False) -> bool:
    asked = Request(
        id=id,
        customer="acme",
        contact="dana",
        product="db",
        severity="high",
        channel="web",
        conditions={"overage_consent"} if agreed else (),
    )
    return desk.execute(AdmitRequest(id=f"admit {id}", request=asked), at).accepted


def log(id: str, case: str, start: datetime, minutes: int, kind: str = "work") -> WorkLog:
    end = start + minutes * MINUTE
    return WorkLog(id=id, case=case, agent="ada", start=start, end=end, kind=kind)


def ledger_of(desk: Desk) -> Ledger:
    with desk.context.store.begin(TENANT) as work:
        return work.ledger.ledger("acme")


def taken(ledger: Ledger) -> Taken:
    """What each case has used of each grant, within it and beyond it, added up from the entries."""
    found: Counter[tuple[str, str, bool]] = Counter()
    hold_of: dict[str, str] = {}
    for entry in ledger.entries:
        command, sign = entry.command, 1
        if entry.refusal is not None or not isinstance(command, Commit | GiveBack):
            continue
        if isinstance(command, Commit):
            hold_of[entry.key] = command.hold
        else:
            sign = -1
        hold = hold_of[command.commit if isinstance(command, GiveBack) else entry.key]
        case = hold if len(key_parts(hold)) == 1 else key_parts(hold)[1]
        for share in entry.shares:
            found[case, share.grant, False] += sign * share.amount
            found[case, share.grant, True] += sign * share.overage
    return _sums(found)


def charged(lines: tuple[ChargeLine, ...]) -> Taken:
    """The same from the lines of a statement."""
    found: Counter[tuple[str, str, bool]] = Counter()
    for line in lines:
        if line.units and line.case is not None and line.grant is not None:
            found[line.case, line.grant, line.kind is LineKind.OVERAGE] += line.units
    return _sums(found)


def _sums(found: Counter[tuple[str, str, bool]]) -> Taken:
    places = {(case, grant) for (case, grant, _), units in found.items() if units}
    return {place: (found[*place, False], found[*place, True]) for place in places}


def known_now(desk: Desk, until: datetime) -> tuple[ChargeLine, ...]:
    return desk.statement("acme", date(2026, 1, 1), until.date() + DAY).sheet.lines


# Two thirds of the hour are held when the case is admitted; its work takes 45 minutes, rounded.
def test_a_case_takes_what_was_logged_and_not_what_was_reserved(
    store_of: Callable[[], Store],
) -> None:
    desk = opened_desk(store_of(), facts(), cases=0)
    assert admit(desk, "R-1", MONDAY)
    desk.execute(LogWork(id="k-1", log=log("W-1", "R-1", MONDAY, 33)), MONDAY + HOUR)
    assert taken(ledger_of(desk)) == {}
    with pytest.raises(ConflictError, match="`50` minutes, and `45` by its work logs"):
        desk.execute(ResolveCase(id="k-2", case="R-1", used=50), MONDAY + HOUR)
    desk.execute(ResolveCase(id="k-2", case="R-1"), MONDAY + HOUR)
    assert {units for units, _ in taken(ledger_of(desk)).values()} == {45}
    # A correction after the settlement, and then half an hour that was worked before.
    longer = log("W-1", "R-1", MONDAY, 50)
    desk.execute(CorrectWork(id="k-3", log=longer), MONDAY + 2 * HOUR)
    assert {units for units, _ in taken(ledger_of(desk)).values()} == {60}
    assert admit(desk, "R-2", MONDAY + 31 * DAY)
    desk.execute(ResolveCase(id="k-4", case="R-2", used=15), MONDAY + 32 * DAY)
    early = log("W-0", "R-2", MONDAY - HOUR, 30)
    desk.execute(LogWork(id="k-5", log=early), MONDAY + 33 * DAY)
    found = taken(ledger_of(desk))
    assert {case: units for (case, _), (units, _) in found.items()} == {"R-1": 30, "R-2": 30}
    assert found == charged(known_now(desk, MONDAY + 40 * DAY))
    assert "units.unpaid" not in topics(desk)


def test_minutes_that_another_case_holds_are_taken_when_they_are_returned() -> None:
    desk = opened_desk(MemoryStore(), facts(), cases=0)
    assert admit(desk, "R-1", MONDAY)
    adopt(desk, "R-2", MONDAY)
    desk.execute(LogWork(id="k-1", log=log("W-1", "R-2", MONDAY, 60)), MONDAY + HOUR)
    assert {units for units, _ in taken(ledger_of(desk)).values()} == {30}
    desk.execute(CancelCase(id="k-2", case="R-1"), MONDAY + HOUR)
    assert {units for units, _ in taken(ledger_of(desk)).values()} == {60}


class _History:
    """A desk of one customer, and what may happen next."""

    def __init__(self, random: Random) -> None:
        self.random = random
        policy = random.choice(["", ", over_use: allow_with_consent", ", over_use: cap, cap: 45"])
        rollover = random.choice(["", ", rollover: 20"])
        moment = random.choice(["opening", "first_response", "resolution", "resolution"])
        amount = random.choice([30, 60, 150])
        allowance = f"amount: {amount}, consumption: {moment}{policy}{rollover}"
        rounding = random.choice(["15m per case", "10m per day", "7m per entry, at least 14m"])
        rules = random.choice(["", ", overage: next_grant"])
        work = f"{{rounding: '{rounding}', unit_factors: {{on_site: 2}}{rules}}}"
        self.desk = opened_desk(MemoryStore(), facts(allowance, work), cases=0)
        self.now = NEW_YEAR + 5 * DAY
        self.count = 0
        self.cases: list[str] = []
        self.open: list[str] = []
        self.logs: list[str] = []
        self.is_corrected = not rollover and random.random() < 0.5
        self._issue()

    def _corrects(self, name: str) -> None:
        """Void some units of the grant by hand, or what is left of it."""
        kind = self.random.choice([Withdraw, Adjust])
        more = {"amount": -self.random.choice([5, 20])} if kind is Adjust else {}
        with self.desk.context.store.begin(TENANT) as work:
            ledger = work.ledger.ledger("acme")
            with suppress(TransitionError):  # the grant is not in force now
                after = ledger.post(kind(key=name, grant="top-up", **more), self.now).ledger
                work.ledger.append("acme", after.entries_after(len(ledger)), head=len(ledger))
                work.commit()

    def _issue(self) -> None:
        begin = NEW_YEAR + self.random.randrange(60) * DAY
        ends = self.random.choice([None, begin + self.random.randrange(1, 40) * DAY])
        grant = Grant(
            id="top-up",
            unit="minutes",
            amount=self.random.choice([0, 45, 90]),
            effective=begin,
            expires=ends,
            pool=self.random.choice([POOL, None]),
            priority=self.random.choice([0, 1]),
        )
        with self.desk.context.store.begin(TENANT) as work:
            ledger = work.ledger.ledger("acme")
            after = ledger.post(Issue(grant=grant), NEW_YEAR).ledger
            work.ledger.append("acme", after.entries_after(len(ledger)), head=len(ledger))
            work.commit()

    def step(self) -> None:
        self.count += 1
        self.now += self.random.choice([MINUTE, HOUR, DAY, 9 * DAY])
        name = f"k-{self.count}"
        kinds = [self._opens, *[self._logged] * 4]
        kinds += [self._corrected, self._retracted] if self.logs else []
        kinds += [self._ended] * 2 if self.open else []
        kinds += [self._corrects] if self.is_corrected else []
        self.random.choice(kinds)(name)

    def _opens(self, name: str) -> None:
        id = name.replace("k", "R")
        if self.random.random() < 0.3:
            adopt(self.desk, id, self.now)
        elif not admit(self.desk, id, self.now, agreed=self.random.random() < 0.5):
            return
        self.cases.append(id)
        self.open.append(id)

    def _worked(self, id: str) -> WorkLog:
        begin = NEW_YEAR + self.random.random() * (self.now - NEW_YEAR - 5 * HOUR)
        made = log(id, self.random.choice(self.cases), begin, self.random.choice([5, 31, 90, 260]))
        return attrs.evolve(
            made,
            kind=self.random.choice(["work", "on_site"]),
            billable=self.random.random() < 0.9,
        )

    def _logged(self, name: str) -> None:
        if self.cases:
            made = self._worked(f"W-{self.count}")
            self.desk.execute(LogWork(id=name, log=made), self.now)
            self.logs.append(made.id)

    def _corrected(self, name: str) -> None:
        made = self._worked(self.random.choice(self.logs))
        self.desk.execute(CorrectWork(id=name, log=made), self.now)

    def _retracted(self, name: str) -> None:
        gone = self.logs.pop(self.random.randrange(len(self.logs)))
        self.desk.execute(RetractRecord(id=name, of="work_log", record=gone), self.now)

    def _ended(self, name: str) -> None:
        case = self.open.pop(self.random.randrange(len(self.open)))
        kind = CancelCase if self.random.random() < 0.2 else ResolveCase
        self.desk.execute(kind(id=name, case=case), self.now)


@settings(max_examples=tries(8, deep=2_000))
@given(st.integers(0, 10**9))
def test_what_the_ledger_took_is_what_the_statement_says_was_prepaid(seed: int) -> None:
    history = _History(Random(seed))  # noqa: S311 - a seed repeats it
    for _ in range(18):
        history.step()
    while history.open:
        history.now += HOUR
        history.count += 1
        history._ended(f"k-{history.count}")  # noqa: SLF001 - its own test
    # Without a log a case takes what was reserved, which no statement says.
    unlogged = {*history.cases} - {each.case for each in known_now(history.desk, history.now)}
    for case in sorted(unlogged):
        history.count += 1
        made = attrs.evolve(log(f"W-{history.count}", case, history.now - HOUR, 1), billable=False)
        history.desk.execute(LogWork(id=f"k-{history.count}", log=made), history.now)
    ledger = ledger_of(history.desk)
    assert taken(ledger) == charged(known_now(history.desk, history.now))
    assert not ledger.holds(history.now)
