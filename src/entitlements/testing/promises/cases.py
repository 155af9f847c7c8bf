"""Promise cases: a question to the engine, and what the answer must be.

A case compares what it states and nothing else, so it names what a customer relies on: access,
group, due instants, the agent, how it is paid for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import final

import attrs

from entitlements.access.promise import ChargeKind
from entitlements.access.reasons import Reason
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import as_text, enum_member, frozen_map, instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import utc
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request
from entitlements.sla.case_history.events import Event
from entitlements.sla.milestones import MilestoneState

NONE = "none"
"""In place of an agent's id: no agent takes the work. In place of an instant: nothing is due."""


class Outcome(TextEnum):
    """The three outcomes of a decision."""

    GRANTED = "granted"
    DEFERRED = "deferred"
    DENIED = "denied"


def _outcome(value: Outcome | str) -> Outcome:
    return enum_member(Outcome, value)


def _reasons(values: Iterable[Reason | str]) -> frozenset[Reason]:
    if isinstance(values, str):
        values = (values,)
    return frozenset(enum_member(Reason, each) for each in values)


def _charge(value: ChargeKind | str | None) -> ChargeKind | None:
    return None if value is None else enum_member(ChargeKind, value)


def _due(values: Mapping[str, datetime | str | None]) -> FrozenMap[str, datetime | None]:
    return FrozenMap(
        {
            identifier(name): None if at is None or at == NONE else utc(at)
            for name, at in frozen_map(values).items()
        }
    )


def _states(values: Mapping[str, MilestoneState | str]) -> FrozenMap[str, MilestoneState]:
    return FrozenMap(
        {
            identifier(name): enum_member(MilestoneState, state)
            for name, state in frozen_map(values).items()
        }
    )


def _optional_instant(value: datetime | str | None) -> datetime | None:
    return None if value is None else utc(value)


@final
@attrs.frozen(kw_only=True)
class ExpectedAnswer:
    """What an answer must be; what is left out is not compared.

    Attributes:
        reasons: The reasons of a denial, all of them.
        group: The expert group that is reached.
        contract: The contract under which it is.
        plan: The plan.
        right: The right of the plan; `none` where the general group takes over.
        opens_at: When a deferred right opens.
        due: When each milestone is due; `none` where nothing is promised.
        state: The state of each milestone, such as `met` or `missed`.
        agent: The agent who takes the work; `none` if no agent does.
        charge: How the request is paid for.
        decision: The outcome: `granted`, `deferred` or `denied`. If it is left out, reasons mean a
            denial, an opening means a deferral, and anything else is granted.

    >>> ExpectedAnswer(decision="granted", group="dba", due={"resolution": "none"}).due
    FrozenMap({'resolution': None})

    Raises:
        InvalidValueError: Something is expected that such an answer does not have.
    """

    reasons: frozenset[Reason] = attrs.field(default=(), converter=_reasons)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    contract: str | None = attrs.field(default=None, converter=optional_identifier)
    plan: str | None = attrs.field(default=None, converter=optional_identifier)
    right: str | None = attrs.field(default=None, converter=optional_identifier)
    opens_at: datetime | None = attrs.field(default=None, converter=_optional_instant)
    due: FrozenMap[str, datetime | None] = attrs.field(factory=FrozenMap, converter=_due)
    state: FrozenMap[str, MilestoneState] = attrs.field(factory=FrozenMap, converter=_states)
    agent: str | None = attrs.field(default=None, converter=optional_identifier)
    charge: ChargeKind | None = attrs.field(default=None, converter=_charge)
    decision: Outcome = attrs.field(converter=_outcome)

    @decision.default
    def _decision_that_is_meant(self) -> Outcome:
        if self.reasons:
            return Outcome.DENIED
        return Outcome.GRANTED if self.opens_at is None else Outcome.DEFERRED

    def __attrs_post_init__(self) -> None:
        denied = self.decision is Outcome.DENIED
        if self.reasons and not denied:
            raise InvalidValueError(
                f"an answer that is {self.decision} has no reasons",
                hint="expect `decision: denied`, or leave the reasons out",
                path="reasons",
            )
        if self.opens_at is not None and self.decision is not Outcome.DEFERRED:
            raise InvalidValueError(
                f"an answer that is {self.decision} opens at no instant",
                hint="expect `decision: deferred`, or leave it out",
                path="opens_at",
            )
        for name in ("group", "contract", "plan", "right", "due", "state", "agent", "charge"):
            if denied and getattr(self, name):
                raise InvalidValueError(f"a denial has no `{name}`", hint="leave it out", path=name)


def _request(value: Request) -> Request:
    return instance_of(Request, value)


def _expected(value: ExpectedAnswer) -> ExpectedAnswer:
    return instance_of(ExpectedAnswer, value)


def _events(values: Iterable[Event]) -> tuple[Event, ...]:
    return tuple_of(Event, values)


@final
@attrs.frozen(kw_only=True)
class PromiseCase:
    """One question, and the answer that was promised.

    Attributes:
        name: What the case is about, for people.
        request: The question.
        at: When it is asked.
        expected: What the answer must be.
        events: What happens to the case afterwards. Due instants and states are compared at the
            last of them; without events, at the opening.
        file: The document in which the case is written.
        line: The line on which it begins.

    >>> case = PromiseCase(
    ...     name="nights", at="2026-03-02T03:00Z", expected=ExpectedAnswer(decision="denied"),
    ...     request=Request(id="R-1", customer="acme", contact="dana", product="db",
    ...                     channel="phone"))
    >>> case.at.isoformat()
    '2026-03-02T03:00:00+00:00'
    """

    name: str = attrs.field(converter=as_text)
    request: Request = attrs.field(converter=_request)
    at: datetime = attrs.field(converter=utc)
    expected: ExpectedAnswer = attrs.field(converter=_expected)
    events: tuple[Event, ...] = attrs.field(default=(), converter=_events)
    file: str = attrs.field(default="", converter=as_text)
    line: int = 0

    @property
    def place(self) -> str:
        """The file, and after a colon the line on which the case begins."""
        return f"{self.file}:{self.line}"


def _cases(values: Iterable[PromiseCase]) -> tuple[PromiseCase, ...]:
    return tuple_of(PromiseCase, values)


def _facts(value: Facts) -> Facts:
    return instance_of(Facts, value)


@final
@attrs.frozen(kw_only=True)
class PromiseFile:
    """The cases of one document, with the facts that they are about.

    Attributes:
        name: The name of the document.
        facts: The facts that answer.
        cases: The cases in their order.
    """

    name: str = attrs.field(converter=as_text)
    facts: Facts = attrs.field(converter=_facts, repr=False)
    cases: tuple[PromiseCase, ...] = attrs.field(converter=_cases)
