"""Explanation: the lines that explain an answer or a case to one audience, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol, final

import attrs

from entitlements import sla
from entitlements.access.decision import Decision
from entitlements.access.promise import Charge, Obligation
from entitlements.engine.request_price import RequestPrice
from entitlements.kernel.converters import enum_member, tuple_of, whole_number
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.instants import utc
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request
from entitlements.routing.answers.answers import Route


class Audience(TextEnum):
    """Who reads an explanation.

    Customers read their own words: no ids of contracts, rights, groups and agents. Agents read who
    is reached, under what, and why no other agent. Auditors read every check and what it cites.
    """

    CUSTOMER = "customer"
    AGENT = "agent"
    AUDITOR = "auditor"


def as_audience(value: Audience | str) -> Audience:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(Audience, value)


def _level(value: int) -> int:
    return whole_number(value, "level", most=1)


@final
@attrs.frozen(kw_only=True)
class ExplanationLine:
    """One line of an explanation.

    Attributes:
        key: The key of its sentence in the catalogue; stable, while the text may change.
        text: The sentence.
        level: 0 for a line of its own, 1 for one that belongs to the line before.
    """

    key: str
    text: str
    level: int = attrs.field(default=0, converter=_level)


def _lines(values: tuple[ExplanationLine, ...]) -> tuple[ExplanationLine, ...]:
    return tuple_of(ExplanationLine, values)


@final
@attrs.frozen(kw_only=True)
class Explanation:
    """What explains an answer or a case; as text it has one sentence a line.

    Attributes:
        audience: Who reads it.
        language: The language of its sentences.
        zone: The time zone of its times; null for UTC.
        at: The instant that it is about.
        lines: The lines in their order.

    >>> line = ExplanationLine(key="agent.valid_for_ever", text="This holds until a fact is added.")
    >>> print(Explanation(audience="agent", language="en", zone=None, at="2026-03-02T09:00Z",
    ...                   lines=[line]))
    This holds until a fact is added.
    """

    audience: Audience = attrs.field(converter=as_audience)
    language: str
    zone: str | None
    at: datetime = attrs.field(converter=utc)
    lines: tuple[ExplanationLine, ...] = attrs.field(converter=_lines)

    def __str__(self) -> str:
        return "\n".join(f"{'  ' * each.level}{each.text}" for each in self.lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as data that JSON can hold."""
        return EXPLANATION_DATA.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Explanation:
        """Return the explanation in data; the inverse of `to_dict`.

        Raises:
            InvalidValueError: Something in the data is not what belongs there; `path` names it.
        """
        return EXPLANATION_DATA.read(data)


EXPLANATION_DATA: Final = VersionedData(
    "explanation", "The explanation of an answer or a case", Explanation
)
"""The data of an explanation, with the version of its schema."""


class ExplainedAssessment(Protocol):
    """An assessment, as far as its explanation needs it."""

    @property
    def request(self) -> Request:
        """The request that was assessed."""
        ...

    @property
    def decision(self) -> Decision:
        """Whether the contract gives access, and how."""
        ...

    @property
    def at(self) -> datetime:
        """The instant of the assessment."""
        ...

    @property
    def milestones(self) -> tuple[sla.Reading, ...]:
        """The reading of each milestone at the opening."""
        ...

    @property
    def route(self) -> Route | None:
        """Who takes the work; None for a denial."""
        ...

    @property
    def charge(self) -> Charge | None:
        """How it is paid for; None for a denial."""
        ...

    @property
    def price(self) -> RequestPrice | None:
        """What the work costs by the hour."""
        ...

    @property
    def valid_until(self) -> datetime | None:
        """When the answer may be another, its price included."""
        ...

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What must be observed while the case is worked on."""
        ...
