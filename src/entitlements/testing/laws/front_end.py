"""A stateful test of a front end: random commands to it and to a desk in memory, side by side.

A front end is whatever your users call, such as a service behind HTTP; it has to answer as a desk
with the same facts does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Protocol

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from entitlements.adapters.memory import MemoryStore
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.loading import apply
from entitlements.service.commands.commands import (
    AcceptOffer,
    AdmitRequest,
    CancelCase,
    DeclineOffer,
    DeskCommand,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    TransferCase,
)
from entitlements.service.desk import Desk
from entitlements.sla.case_history.events import Event
from entitlements.testing.fixtures.clock import MovableClock
from entitlements.testing.surprises.questions import asked_lines

_TENANT: Final = "tests"
_MINUTE: Final = timedelta(minutes=1)


class ReplyWithResult(Protocol):
    """What a front end returns; a `Reply` is one."""

    @property
    def result(self) -> str:
        """What came of the command, such as `granted`, `offered` or `resolved`."""
        ...


class DeskFrontEnd(Protocol):
    """What is tested; a `Desk` is one."""

    def execute(self, command: DeskCommand, at: datetime) -> ReplyWithResult:
        """Carry out a command; raise an `EntitlementsError` if it is refused."""
        ...


class DeskMachine(RuleBasedStateMachine):
    """Sends commands, valid or not, to a front end and to a desk; see `desk_machine`."""

    make: ClassVar[Callable[[Facts, MovableClock], DeskFrontEnd]]
    facts: ClassVar[Facts]
    start: ClassVar[datetime]
    requests: ClassVar[tuple[Request, ...]]

    def __init__(self) -> None:
        super().__init__()
        self.clock = MovableClock(self.start)
        store = MemoryStore(self.clock)
        apply(store, self.facts, tenant=_TENANT)
        self.desk = Desk(store, _TENANT)
        self.front_end = type(self).make(self.facts, self.clock)
        self.given: list[DeskCommand] = []
        self.cases: list[str] = []

    def _both(self, command: DeskCommand) -> None:
        at = self.clock()
        expected, found = _outcome(self.desk, command, at), _outcome(self.front_end, command, at)
        if found != expected:
            raise AssertionError(f"{command}\nis answered {found}, and by a desk {expected}")

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        """Move the clock on."""
        self.clock.advance(minutes * _MINUTE)

    @rule(data=st.data())
    def admit(self, data: st.DataObject) -> None:
        """Ask for something that the facts allow to ask for."""
        asked = data.draw(st.sampled_from(self.requests))
        case = f"R-{len(self.cases)}"
        self.cases.append(case)
        self._give(AdmitRequest(id=self._id(), request=attrs.evolve(asked, id=case)))

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), what=st.integers(0, 8), fence=st.integers(1, 3))
    def continue_work(self, data: st.DataObject, what: int, fence: int) -> None:
        """Go on with a case, in a way that may be possible or not."""
        case, id = data.draw(st.sampled_from(self.cases)), self._id()
        agents = sorted(self.facts.roster.agents) or ["nobody"]
        agent = data.draw(st.sampled_from(agents))
        commands: list[Callable[[], DeskCommand]] = [
            lambda: OfferCase(id=id, case=case),
            lambda: AcceptOffer(id=id, case=case, agent=agent, fence=fence),
            lambda: DeclineOffer(id=id, case=case, agent=agent, fence=fence),
            lambda: RecordEvent(id=id, case=case, event=Event.responded(self.clock())),
            lambda: RecordEvent(id=id, case=case, event=Event.paused(self.clock(), "customer")),
            lambda: TransferCase(id=id, case=case, fence=fence),
            lambda: ResolveCase(id=id, case=case),
            lambda: ReopenCase(id=id, case=case),
            lambda: CancelCase(id=id, case=case),
        ]
        self._give(commands[what]())

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Send a command again, as after an answer that was lost."""
        self._both(data.draw(st.sampled_from(self.given)))

    def _give(self, command: DeskCommand) -> None:
        self.given.append(command)
        self._both(command)

    def _id(self) -> str:
        return f"k-{len(self.given)}"


def _outcome(front_end: DeskFrontEnd, command: DeskCommand, at: datetime) -> str:
    try:
        return str(front_end.execute(command, at).result)
    except EntitlementsError as error:
        return f"by {type(error).__name__}"


def desk_machine(
    make: Callable[[Facts, MovableClock], DeskFrontEnd], facts: Facts, start: datetime | str
) -> type[DeskMachine]:
    """Return a stateful test of a front end; its `TestCase` is collected by pytest.

    Args:
        make: Returns a new front end that knows these facts, and no cases, by this clock.
        facts: The facts; everything that they allow to ask for is asked.
        start: The first instant.

    >>> from entitlements.documents import parse_facts
    >>> desk_machine(lambda facts, clock: None, parse_facts("products: [db]"), "2026-01-01T00:00Z")
    Traceback (most recent call last):
    ...
    entitlements.kernel.errors.InvalidValueError: nothing can be asked of the facts (add a contract)

    Raises:
        InvalidValueError: Nothing can be asked under the facts.
    """
    asked = tuple(
        each for line in asked_lines(instance_of(Facts, facts)) for each in line.requests()
    )
    if not asked:
        raise InvalidValueError("nothing can be asked of the facts", hint="add a contract")
    words: dict[str, Any] = {
        "make": staticmethod(make), "facts": facts, "start": utc(start), "requests": asked,
    }  # fmt: skip
    return type("DeskMachine", (DeskMachine,), words)
