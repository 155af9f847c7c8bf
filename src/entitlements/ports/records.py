"""What is kept beside the facts? Cases, work in the queue, messages, decisions, commands, leases.

Values only: nothing here knows how or where they are kept. A change is always told as the value
before and the value after, so that whoever came second learns it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.contracts.account import OpenCase
from entitlements.contracts.allowances.allowance import ConsumptionMoment, consumption_moment_of
from entitlements.contracts.catalog import Catalog
from entitlements.kernel.converters import (
    MAX_INT64,
    as_text,
    as_tuple,
    frozen_map,
    instance_of,
    tuple_of,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.requests import Request
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.work.work import Work
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import History
from entitlements.sla.policy import SlaPolicy

MAX_BODY = 16 * 2**20
_UNRESOLVED: Final = frozenset({EventKind.REOPENED, EventKind.CANCELLED})


def _policies(policies: Iterable[SlaPolicy]) -> tuple[SlaPolicy, ...]:
    return tuple(sorted(tuple_of(SlaPolicy, policies), key=lambda each: each.id))


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(as_text, as_tuple(names)))


def body_text(text: str) -> str:
    """Return `text` if every store can keep it as it is.

    Raises:
        InvalidValueError: It is too long, holds a NUL, or half of a surrogate pair.
    """
    as_text(text)
    if len(text) > MAX_BODY:
        raise InvalidValueError(f"a body has `{len(text)}` characters, more than `{MAX_BODY}`")
    if "\0" in text:
        raise InvalidValueError("a body holds a NUL character", hint="write it as `\\u0000`")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValueError("a body cannot be written in UTF-8") from None
    return text


@final
@attrs.frozen(kw_only=True)
class CatalogEdition:
    """One state of everything that is shared by all customers; never changed again.

    Attributes:
        number: 1 for the first, one more for each later.
        recorded: From when on it was known.
        catalog: Calendars, products, groups and plans.
        policies: SLA policies, ordered by id.
    """

    number: int
    recorded: datetime = attrs.field(converter=utc)
    catalog: Catalog = attrs.field(factory=Catalog)
    policies: tuple[SlaPolicy, ...] = attrs.field(default=(), converter=_policies)


@final
@attrs.frozen(kw_only=True)
class FrozenTerms:
    """What was promised when the case was admitted; a later edition does not change it.

    Attributes:
        edition: Number of the edition of the catalog.
        contract: The contract.
        line: Its line.
        policy: Id of the SLA policy in that edition.
        calendars: Which calendar stands for a name in the policy.
        plan: Id of the plan in that edition, for the severity scale.
        plan_version: Its version.
        consumption: When the units that the case holds are taken for good; None for no units.
    """

    edition: int
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    policy: str = attrs.field(converter=identifier)
    calendars: FrozenMap[str, str] = attrs.field(factory=FrozenMap, converter=frozen_map)
    plan: str | None = attrs.field(default=None, converter=optional_identifier)
    plan_version: str | None = attrs.field(default=None, converter=optional_identifier)
    consumption: ConsumptionMoment | None = attrs.field(
        default=None, converter=attrs.converters.optional(consumption_moment_of)
    )


@final
@attrs.frozen(kw_only=True)
class Case:
    """An admitted request and everything that happened to it.

    Attributes:
        request: What was asked; its id is the case's.
        opened: When it was admitted.
        terms: What was promised then.
        events: What happened, in the order of delivery; only ever added to.
        closed: When it stopped counting towards limits; None while it is open.
        next_due_at: When time alone will next bring something about; None for never.
        told: Warnings and breaches that messages were written about, each by its name.
    """

    request: Request
    opened: datetime = attrs.field(converter=utc)
    terms: FrozenTerms
    events: tuple[Event, ...] = attrs.field(repr=short_repr, default=(), converter=as_tuple)
    closed: datetime | None = attrs.field(default=None, converter=utc_or_none)
    next_due_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    notices_sent: frozenset[str] = attrs.field(default=(), converter=_names)

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id

    @property
    def customer(self) -> str:
        """Who asked."""
        return self.request.customer

    @property
    def counted(self) -> OpenCase:
        """The case as it counts towards a line's limit, and as a follow-up sees it."""
        return OpenCase(
            id=self.id,
            contract=self.terms.contract,
            line=self.terms.line,
            product=self.request.product,
            opened=self.opened,
            closed=self.closed,
            resolved=self._resolved(),
            follows=self.request.follows,
        )

    def _resolved(self) -> datetime | None:
        """Return when the case was resolved, if it is; a cancelled one is not."""
        if self.closed is None:
            return None
        found: datetime | None = None
        for _, event, _, _ in History(self.events).entries:
            if event.kind is EventKind.RESOLVED:
                found = event.at
            elif event.kind in _UNRESOLVED:
                found = None
        # A correction may have moved the event, and not the case.
        return None if found is None else max(self.opened, min(found, self.closed))


@final
@attrs.frozen(kw_only=True)
class WorkItem:
    """One piece of work on its way to somebody.

    Attributes:
        work: What is to be done; its id is the item's.
        group: Whose queue it is in.
        state: Where it is between queue and done.
        next_due_at: When time alone will next bring something about; None for never.
    """

    work: Work
    group: str = attrs.field(converter=identifier)
    state: WorkState
    next_due_at: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        instance_of(Work, self.work)
        if instance_of(WorkState, self.state).work != self.work.id:
            raise InvalidValueError(f"work `{self.work.id}` has the state of `{self.state.work}`")

    @property
    def id(self) -> str:
        """The work's id."""
        return self.work.id

    @property
    def queued(self) -> bool:
        """Whether it waits for an offer."""
        return self.state.status is WorkStatus.QUEUED

    @property
    def queue_key(self) -> tuple[int, int, int, str]:
        """What queued work is ordered by: rank, deadline (none is last), age, id."""
        due = MAX_INT64 if self.work.due is None else to_micros(self.work.due)
        return self.work.rank, due, to_micros(self.state.queued_at or self.work.opened), self.id


@final
@attrs.frozen(kw_only=True)
class Message:
    """Something that others are to be told once it is certain.

    Attributes:
        number: Given by the store; larger for later ones of one unit of work.
        topic: What it is about.
        at: When it happened.
        body: JSON text, kept as it is.
    """

    number: int
    topic: str = attrs.field(converter=identifier)
    at: datetime = attrs.field(converter=utc)
    body: str = attrs.field(converter=body_text)


@final
@attrs.frozen(kw_only=True)
class DecisionRecord:
    """One link in the chain of all that was decided for a tenant.

    Attributes:
        number: Position in the chain, from 1.
        at: The instant asked about.
        kind: What was decided, such as `admit`.
        subject: What it was about, such as the id of a case.
        body: JSON text, kept byte for byte.
        previous: Digest of the link before; empty for the first.
        digest: What the chain says about this link and all before it.
    """

    number: int
    at: datetime = attrs.field(converter=utc)
    kind: str = attrs.field(converter=identifier)
    subject: str = attrs.field(converter=identifier)
    body: str = attrs.field(converter=body_text)
    previous: str = ""
    digest: str = ""


@final
@attrs.frozen
class ChainHead:
    """The end of a chain: the number and digest of its last link; 0 and empty for no link."""

    number: int = 0
    digest: str = ""


@final
@attrs.frozen(kw_only=True)
class ExecutedCommand:
    """A command that was carried out, and what was answered.

    Attributes:
        id: The command's id, chosen by whoever gave it.
        digest: Digest of its content.
        at: When it was carried out.
        answer: JSON text, kept byte for byte.
    """

    id: str = attrs.field(converter=identifier)
    digest: str
    at: datetime = attrs.field(converter=utc)
    answer: str = attrs.field(default="{}", converter=body_text)


@final
@attrs.frozen(kw_only=True)
class GroupLease:
    """Who decides for a group, and until when.

    Attributes:
        group: The expert group.
        owner: Who decides; None if nobody does.
        term: Raised whenever the owner changes; whoever comes with an older one is fenced out.
        until: First instant at which anybody may take over.
    """

    group: str = attrs.field(converter=identifier)
    owner: str | None = attrs.field(converter=optional_identifier)
    term: int
    until: datetime = attrs.field(converter=utc)
