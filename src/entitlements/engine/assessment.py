"""Assessment: the whole answer to one request at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, final
from zoneinfo import ZoneInfo

import attrs

from entitlements import contracts, sla
from entitlements.access.decision import Decision, Deferred, Denied
from entitlements.access.promise import Charge, Obligation
from entitlements.engine.explanation.catalogue import Catalogue
from entitlements.engine.explanation.explanation import Audience, Explanation
from entitlements.engine.request_price import RequestPrice
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import micros_or_none, to_micros
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.requests import Request
from entitlements.routing.answers.answers import Route
from entitlements.sla.clock.opening_deadlines import OpeningDeadlines, StoredWarnings

if TYPE_CHECKING:
    from entitlements.engine.assessment_data import AssessmentData


class AssessmentSource(Protocol):
    """What an assessment was made by: it computes what explains the assessment."""

    def milestones(self, answer: Assessment) -> tuple[sla.Reading, ...]:
        """Return the reading of each milestone at the opening."""
        ...

    def route(self, answer: Assessment) -> Route | None:
        """Return who takes the work, with all agents considered."""
        ...

    def price(self, answer: Assessment) -> RequestPrice | None:
        """Return what the work costs by the hour."""
        ...


@final
@attrs.frozen
class StoredReadings:
    """What explains one stored assessment: its readings and its price when it was stored."""

    readings: tuple[sla.Reading, ...]
    priced: RequestPrice | None = None

    def milestones(self, answer: Assessment) -> tuple[sla.Reading, ...]:  # noqa: ARG002 - one assessment is stored
        """Return the reading of each milestone at the opening."""
        return self.readings

    def route(self, answer: Assessment) -> Route | None:  # noqa: ARG002 - the route is stored in the assessment
        """Return None: a stored assessment holds its route itself."""
        return None

    def price(self, answer: Assessment) -> RequestPrice | None:  # noqa: ARG002 - one assessment is stored
        """Return what the work costs by the hour."""
        return self.priced


@final
@attrs.frozen
class Assessment(NoTruthValue):
    """The whole answer to one request at one instant.

    Equal questions to equal facts give equal assessments. What explains an assessment is computed
    when it is read, or when the assessment is pickled; it is not compared.

    Attributes:
        decision: Whether the contract gives access, and how.
        deadlines: The due instants of all milestones in microseconds; None for a denial.
        agent: The agent who takes the work, at the opening where access is deferred; None if no
            agent can then, and for a denial.
    """

    decision: Decision
    deadlines: OpeningDeadlines | None
    agent: str | None
    _source: AssessmentSource = attrs.field(repr=False, eq=False)
    _live: Route | None = attrs.field(default=None, repr=False, eq=False)

    def __copy__(self) -> Assessment:
        return self

    def __deepcopy__(self, _: object) -> Assessment:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        fields = (self.decision, self.deadlines, self.agent)
        return Assessment, (*fields, StoredReadings(self.milestones, self.price), self.route)

    @property
    def request(self) -> Request:
        """The request that was assessed."""
        return self.decision.request

    @property
    def at(self) -> datetime:
        """The instant of the assessment."""
        return self.decision.at

    @property
    def milestones(self) -> tuple[sla.Reading, ...]:
        """Readings of all milestones at the opening, in the policy's order; empty for a denial."""
        return () if isinstance(self.decision, Denied) else self._source.milestones(self)

    @property
    def route(self) -> Route | None:
        """Who takes the work, and why no other agent does; None for a denial."""
        if self._live is not None or isinstance(self.decision, Denied):
            return self._live
        return self._source.route(self)

    @property
    def charge(self) -> Charge | None:
        """How it is paid for; None for a denial."""
        return None if isinstance(self.decision, Denied) else self.decision.charge

    @property
    def price(self) -> RequestPrice | None:
        """What the work costs by the hour; None for nothing, for a denial, and without prices."""
        return None if isinstance(self.decision, Denied) else self._source.price(self)

    @property
    def valid_until(self) -> datetime | None:
        """When the answer may be another, its price included; None for when a fact is added."""
        until, price = self.decision.valid_until, self.price
        if isinstance(self.decision, Deferred) or price is None or price.until is None:
            return until  # the price of a deferred request is that at its opening
        return price.until if until is None else min(until, price.until)

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What must be observed while the case is worked on; empty for a denial."""
        return () if isinstance(self.decision, Denied) else self.decision.obligations

    @property
    def entries(self) -> tuple[contracts.Reserve, ...]:
        """Proposed commands to the account's ledger; they have not been posted."""
        return () if isinstance(self.decision, Denied) else self.decision.commands

    def explain(
        self,
        *,
        zone: str | ZoneInfo | None = None,
        audience: Audience | str = Audience.AGENT,
        language: Catalogue | str = "en",
    ) -> str:
        """Return the assessment as sentences, one a line: access, deadlines, agent, charge.

        The arguments are those of `explanation`, which returns the same as a value.
        """
        return str(self.explanation(zone=zone, audience=audience, language=language))

    def explanation(
        self,
        *,
        zone: str | ZoneInfo | None = None,
        audience: Audience | str = Audience.AGENT,
        language: Catalogue | str = "en",
    ) -> Explanation:
        """Return what explains the assessment to one audience.

        Args:
            zone: The time zone of all times; None for UTC.
            audience: Who reads it: `customer`, `agent` or `auditor`.
            language: A catalogue of sentences, or the tag of a language that is shipped.

        Raises:
            UnknownIdError: There is no such zone or language, or the catalogue lacks a sentence.
            InvalidValueError: The audience is not known.
        """
        from entitlements.engine.explanation.explained import explained  # noqa: PLC0415 - on first use

        return explained(self, zone=zone, audience=audience, language=language)

    def to_dict(self) -> dict[str, Any]:
        """Return the assessment as data that JSON can hold, with everything that explains it."""
        from entitlements.access.decision_data import decision_data  # noqa: PLC0415 - on first use
        from entitlements.engine.assessment_data import ANSWER_DATA, AssessmentData  # noqa: PLC0415 - on first use
        from entitlements.routing.answers.answer_data import route_data  # noqa: PLC0415 - on first use

        return ANSWER_DATA.write(
            AssessmentData(
                request=self.request,
                at=self.at,
                decision=decision_data(self.decision),
                milestones=tuple(each.data for each in self.milestones),
                agent=self.agent,
                route=None if self.route is None else route_data(self.route),
                charge=self.charge,
                price=self.price,
                obligations=self.obligations,
                entries=self.entries,
            )
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Assessment:
        """Return the assessment in data; the inverse of `to_dict`.

        What explains it is what explained it when it was written.

        Raises:
            InvalidValueError: Something in the data is not what belongs there, or two keys
                contradict each other; `path` names the place.
        """
        from entitlements.access.decision_data import DeniedData  # noqa: PLC0415 - on first use
        from entitlements.engine.assessment_data import ANSWER_DATA  # noqa: PLC0415 - on first use
        from entitlements.sla.readings.data import readings_in  # noqa: PLC0415 - on first use

        found = ANSWER_DATA.read(data)
        readings = readings_in(found.milestones, "milestones")
        answer = cls(
            found.decision.decision(found.request, found.at),
            None if isinstance(found.decision, DeniedData) else _deadlines(readings, found.at),
            found.agent,
            StoredReadings(readings, found.price),
            None if found.route is None else found.route.route,
        )
        _check(answer, found, readings)
        return answer


def _check(answer: Assessment, found: AssessmentData, readings: tuple[sla.Reading, ...]) -> None:
    """Refuse data whose keys contradict the decision."""
    route = None if found.route is None else found.route.route
    stated = {
        "milestones": (answer.milestones, readings),
        "agent": (answer.agent, found.agent if found.route is not None else None),
        "route": (answer.route, None if isinstance(answer.decision, Denied) else route),
        "charge": (answer.charge, found.charge),
        "obligations": (answer.obligations, found.obligations),
        "entries": (answer.entries, found.entries),
    }
    for name, (follows, is_stated) in stated.items():
        if follows != is_stated:
            raise InvalidValueError("this contradicts the decision", path=name)


def _deadlines(readings: tuple[sla.Reading, ...], at: datetime) -> OpeningDeadlines:
    """Return the deadlines at the opening that the readings state."""
    warnings = tuple(tuple(to_micros(each.at) for each in one.warnings) for one in readings)
    names = tuple(each.name for each in readings)
    due = tuple(micros_or_none(each.due) for each in readings)
    return OpeningDeadlines(StoredWarnings(names, warnings), to_micros(at), due)
