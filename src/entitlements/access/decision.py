"""Access decision: granted, deferred or denied.

A decision is small; everything that explains it (candidates, warnings, remedies, provenance) is
computed from the same facts when it is read, and is the same however often it is read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, Self, TypeAlias, final

import attrs

from entitlements import access, contracts
from entitlements.access.promise import (
    Charge,
    Entitlement,
    Obligation,
    Promise,
    reserve_command,
)
from entitlements.access.reasons import Reason
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import from_micros, from_micros_or_none
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.requests import Request


class DecisionSource(Protocol):
    """What a decision was made from: it computes everything that explains the decision."""

    def candidates(self, request: Request, at: int) -> tuple[access.Candidate, ...]:
        """Return every candidate, the chosen one first."""
        ...

    def valid_until(self, request: Request, at: int) -> int | None:
        """Return the first later instant at which the decision is another."""
        ...

    def provenance(self, request: Request, at: int) -> access.DecisionProvenance:
        """Return digests of everything the decision follows from."""
        ...

    def warnings(self, promise: Promise, request: Request, at: int) -> tuple[access.Advisory, ...]:
        """Return what is about to change under a promise."""
        ...

    def remedies(self, request: Request, at: int) -> tuple[access.Remedy, ...]:
        """Return the remedies, each verified by deciding again with it."""
        ...


DecisionQuestion: TypeAlias = tuple[DecisionSource, Request, int]
"""The source of a decision, the request, and the instant in microseconds."""


def _without_source(question: DecisionQuestion) -> tuple[Request, int]:
    return question[1:]


@attrs.frozen
class _Decision(NoTruthValue):
    """What all three outcomes have in common.

    Two decisions are equal if they state the same about the same question; what explains them is
    not compared. A copy is the decision itself; a pickle holds what explains it, computed.
    """

    _question: DecisionQuestion = attrs.field(repr=False, eq=_without_source)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        from entitlements.access.explanation import (  # noqa: PLC0415 - on first use
            StoredExplanation,
            UnstatedExplanation,
        )

        source, request, at = self._question
        if isinstance(source, StoredExplanation | UnstatedExplanation):
            fields = [getattr(self, each.name) for each in attrs.fields(type(self))[1:]]
            return type(self), (self._question, *fields)
        advice = self.warnings if isinstance(self, _Entitled) else ()
        ways = self.remedies if isinstance(self, Deferred | Denied) else ()
        stored = StoredExplanation(self.candidates, self.valid_until, self.provenance, advice, ways)
        fields = [getattr(self, each.name) for each in attrs.fields(type(self))[1:]]
        return type(self), ((stored, request, at), *fields)

    @property
    def request(self) -> Request:
        """The request that was decided."""
        return self._question[1]

    @property
    def at(self) -> datetime:
        """The instant for which it was decided, in UTC."""
        return from_micros(self._question[2])

    @property
    def candidates(self) -> tuple[access.Candidate, ...]:
        """Every right that was tried, the chosen one first, each with all its checks."""
        source, request, at = self._question
        return source.candidates(request, at)

    @property
    def valid_until(self) -> datetime | None:
        """The first instant at which the decision is another; None if it never is.

        It holds as long as no fact is added. The guide names two bounds far in the future. Where
        ten or more allowances and hours without a common period end the search, an earlier instant
        is returned, never a later one: the decision is still the same then.
        """
        source, request, at = self._question
        end = source.valid_until(request, at)
        return from_micros_or_none(end)

    @property
    def provenance(self) -> access.DecisionProvenance:
        """Digests of everything the decision follows from."""
        source, request, at = self._question
        return source.provenance(request, at)


@attrs.frozen
class _Entitled(_Decision):
    """What `Granted` and `Deferred` have in common: a promise."""

    promise: Promise

    @property
    def entitlement(self) -> Entitlement:
        """The contract, line, plan and right that give access."""
        return self.promise.entitlement

    @property
    def group(self) -> str:
        """Id of the expert group that the request may reach."""
        return self.promise.group

    @property
    def charge(self) -> Charge:
        """How it is paid for."""
        return self.promise.charge

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What must be observed while the case is worked on; routing never relaxes it."""
        return self.promise.obligations

    @property
    def warnings(self) -> tuple[access.Advisory, ...]:
        """What is about to change: end of the term, of the grace, of support, of the balance."""
        source, request, at = self._question
        return source.warnings(self.promise, request, at)

    @property
    def commands(self) -> tuple[contracts.Reserve, ...]:
        """What to post to the ledger now; the hold is committed at `charge.consumption`."""
        return reserve_command(self.charge, self._question[1])


@final
@attrs.frozen
class Granted(_Entitled):
    """The case is accepted, and the expert group is reached.

    Attributes:
        promise: What was granted: `entitlement`, `group`, `immediate`, `charge`, `obligations`.
    """

    @property
    def immediate(self) -> bool:
        """Whether the group is reached now, or by its queue."""
        return self.promise.immediate


@final
@attrs.frozen
class Deferred(_Entitled):
    """The case is accepted and its clocks are set, but the right opens later, at `opens_at`.

    A case that was accepted in a term is honoured after it: the term may end before the opening.

    Attributes:
        promise: What was granted: `entitlement`, `group`, `charge`, `obligations`.
        opens_at: When the right to the group opens.
    """

    opens_at: datetime

    @property
    def remedies(self) -> tuple[access.Remedy, ...]:
        """Verified remedies, each with the better decision it leads to."""
        source, request, at = self._question
        return source.remedies(request, at)


@final
@attrs.frozen
class Denied(_Decision):
    """No access: there is no right, or none is known.

    Attributes:
        reasons: At least one: those of the candidate with the fewest.
    """

    reasons: tuple[Reason, ...] = attrs.field()

    @reasons.validator
    def _are_some(self, _: attrs.Attribute[tuple[Reason, ...]], reasons: object) -> None:
        if not isinstance(reasons, tuple) or not reasons:
            raise InvalidValueError(f"denial with reasons `{reasons!r}`", hint="give at least one")

    @property
    def remedies(self) -> tuple[access.Remedy, ...]:
        """Verified remedies, each with the decision it leads to."""
        source, request, at = self._question
        return source.remedies(request, at)


Decision: TypeAlias = Granted | Deferred | Denied
