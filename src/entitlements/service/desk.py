"""Desk: the commands of one tenant over a store, each in one transaction.

A desk has no rules: it reads the facts, asks the pure packages for the result, and writes all of it
in one transaction, with the messages about it. Every command has an id and may be repeated; a
transaction that read what another has changed since runs again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.billing.sheet import Sheet
from entitlements.engine.assessment import Assessment
from entitlements.engine.explanation.catalogue import Catalogue
from entitlements.engine.explanation.explained import explained_case
from entitlements.engine.explanation.explanation import Audience, Explanation
from entitlements.engine.statements.statement import Statement
from entitlements.kernel.converters import as_tuple, instance_of, whole_number
from entitlements.kernel.errors import (
    BusyError,
    ConflictError,
    EntitlementsError,
    InvalidValueError,
    RestartTransactionError,
    StorageError,
    UnreadableError,
)
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import instant_of, instant_or_none
from entitlements.ports.case_lists import CaseFilter, CasePage, cursor_of, place_of
from entitlements.ports.records import ChainHead
from entitlements.ports.rules.arguments import connecting_store_of, observer_of, store_of
from entitlements.ports.store import Observer, Store, UnitOfWork
from entitlements.routing.eligibility.removal import Removal
from entitlements.service.audit.chain import ChainBroken, ChainVerification, verify_stored
from entitlements.service.cases.agents.agent_removal import remove_agent
from entitlements.service.cases.case_explanation import case_to_explain
from entitlements.service.cases.deadline_alerts import read_clocks
from entitlements.service.cases.timeouts import MAX_PER_SWEEP, TimeoutResult, process_due
from entitlements.service.commands.commands import DeskCommand
from entitlements.service.commands.replies import Reply
from entitlements.service.execution import count_executed, execute_all
from entitlements.service.records.statements import (
    StatementInputs,
    issued_sheets,
    stored_statement,
)
from entitlements.service.replay import (
    ReplayResult,
    adoption_of,
    decided_about,
    replay_about,
    replay_links,
)
from entitlements.service.transaction import DeskRules, TenantContext
from entitlements.sla.measurement import Measurement

_PAGE: Final = 1_000
DEFAULT_PAGE: Final = 50


@final
class Desk:
    """The desk of one tenant over a store.

    A desk holds nothing but caches: any number of desks, in any number of processes, may use one
    store. A desk is used by one thread at a time.

    Args:
        store: Where everything is stored.
        tenant: Id of the tenant. Requests are refused until a catalog is saved for it, so a
            mistyped id is an error.
        observer: Notified of messages after each commit; None for no notification.
        rules: Settings of the desk; the defaults of `DeskRules` if None.

    In all methods, `at` is an aware `datetime`; None is the present by the store's own clock,
    which all users of the store share.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> Desk(MemoryStore(), "my company").list_cases()
    CasePage(cases=(), next=None)
    """

    __slots__ = ("context",)

    def __init__(
        self,
        store: Store,
        tenant: str,
        observer: Observer | None = None,
        *,
        rules: DeskRules | None = None,
    ) -> None:
        self.context = TenantContext(
            store=store_of(store),
            tenant=identifier(tenant),
            rules=DeskRules() if rules is None else instance_of(DeskRules, rules),
            observer=observer_of(observer),
        )

    def on(self, connection: object) -> Desk:
        """Return this desk in a transaction that the caller has begun on a connection.

        Each command has a savepoint in that transaction; the caller commits it, together with
        rows of its own, or rolls it back. Caches are shared with this desk. The observer is not
        notified, because nothing is certain before that commit: the messages are in the outbox.

        A command that fails leaves the rest of the transaction as it was. Where a repetition could
        not help, `RestartTransactionError` is raised at once: the caller then has to run the whole
        transaction again.

        Args:
            connection: What the store works on: a `Connection` of SQLAlchemy for `SqlStore`, for
                async callers the one that `run_sync` passes.

        Raises:
            HostTransactionError: No transaction that the store can work in is open there.
            InvalidValueError: It is no connection, or the store has none.
        """
        return self._over(connecting_store_of(self.context.store).on(connection))

    def _over(self, store: Store) -> Desk:
        desk = Desk.__new__(Desk)
        desk.context = attrs.evolve(self.context, store=store, observer=None)
        return desk

    @property
    def tenant(self) -> str:
        """Id of the tenant whose cases the desk handles."""
        return self.context.tenant

    def execute(self, command: DeskCommand, at: datetime | None = None) -> Reply:
        """Carry out a command, completely or not at all, and return the reply.

        A command whose id was used before gets the first reply again, and nothing is done. A
        command that fails leaves no trace and may be given again. An offer for which no agent is
        eligible does nothing and leaves no trace either.

        Raises:
            ConflictError: The id was used for another command, and `field` names the difference;
                or the fence of the command is stale.
            StaleReadError: Other transactions were faster too often; a `RestartTransactionError`
                if the caller has to run its own transaction again.
            TransitionError: The state of the case or of its work does not allow it.
            UnknownIdError: No case, agent or work has the id; or the tenant has no catalog.
            DuplicateIdError: A case with the request's id was opened before.
            InvalidValueError: `at` is naive or text, or `command` is not a desk command.
            BusyError: The store was in use by others for as long as it waits; nothing was done.
            OpenTransactionError: The caller has an open transaction, for which this one
                would wait; nothing was done.
            StorageError: The store failed. Give the command again to learn whether it was
                carried out.
        """
        return self.do_all([command], at)[0]

    def do_all(
        self, commands: Iterable[DeskCommand], at: datetime | None = None
    ) -> tuple[Reply, ...]:
        """Carry out commands in their order, all of them or none, and return their replies.

        They share one transaction, so that a batch costs one commit. Each command sees what those
        before it have written; one that was carried out before gets its first reply again.

        Raises what `execute` raises, if that holds for one of the commands: nothing was done then.
        """
        wanted = as_tuple(commands)
        for each in wanted:
            if not isinstance(each, DeskCommand):
                raise InvalidValueError(
                    f"`{each!r:.100}` is not a desk command", hint="such as `AdmitRequest`"
                )
        return self._do_all(wanted, at)

    def _do_all(
        self, commands: tuple[DeskCommand, ...], at: datetime | None, known: int = 0
    ) -> tuple[Reply, ...]:
        """Carry out commands, of which so many are known to have been carried out before."""
        try:
            return self.context.execute(lambda transaction: execute_all(transaction, commands), at)
        except (BusyError, RestartTransactionError, StorageError):
            raise
        except EntitlementsError:
            # The same commands may have been carried out elsewhere in the meantime.
            done = self.context.query(partial(count_executed, commands=commands))
            if done <= known:
                raise
        return self._do_all(commands, at, done)

    def process_due(self, at: datetime | None = None, most: int = MAX_PER_SWEEP) -> TimeoutResult:
        """Carry out what is due because time has passed; call it every few seconds, from anywhere.

        Offers expire and return to the queue, deferred work is queued when its right opens,
        wrap-up ends, work of silent assignees returns to the queue, warnings and breaches are
        sent, ended holds are recorded.

        Args:
            at: The instant; None for the present.
            most: The largest number of work items, and of cases, to process.

        Raises:
            InvalidValueError: `at` is naive, or `most` is not a whole number of at least 1.
            StorageError: The store failed.
        """
        return process_due(self.context, at, most)

    def remove_agent(
        self,
        agent: str,
        at: datetime | None = None,
        *,
        policy: Removal | str = Removal.REFUSE,
        to: str | None = None,
    ) -> tuple[str, ...]:
        """Remove an agent from the roster and return the ids of the work that has moved.

        Args:
            agent: Id of the agent.
            at: The instant; None for the present.
            policy: What happens to work that is offered or assigned to the agent: `refuse` the
                removal, return the work to the queue (`requeue`), or also offer it to `to`
                (`hand_to`). Wrap-up ends.
            to: Id of the successor, who must be eligible for all of the work.

        Raises:
            UnknownIdError: No agent has the id, or no successor has.
            ConflictError: The agent has work and the policy refuses; or the successor is not
                eligible for all of it.
            StaleReadError: Other transactions were faster too often.
            InvalidValueError: The policy and the successor do not fit together.
            StorageError: The store failed.
        """
        step = partial(remove_agent, agent=identifier(agent), policy=policy, to=to)
        return self.context.execute(step, at)

    def clocks(self, case: str, at: datetime | None = None) -> Measurement:
        """Return the measurement of a case's milestones, from its events and its frozen terms.

        Raises:
            UnknownIdError: No case has the id.
        """

        def read(work: UnitOfWork) -> Measurement:
            found = work.cases.case(case)
            edition = self.context.catalogs.edition(work, found.terms.edition)
            moment = work.now() if at is None else instant_of(at)
            policy, others = edition.policy(found.terms), edition.others(found)
            return read_clocks(found, policy, moment, others=others)[0]

        return self.context.query(read)

    def list_cases(
        self,
        wanted: CaseFilter | None = None,
        *,
        after: str | None = None,
        most: int = DEFAULT_PAGE,
    ) -> CasePage:
        """Return a page of cases, ordered by their opening, then by id.

        Pages do not shift: a case that is in the list before and after is on exactly one page,
        whatever is opened, changed or closed in between.

        Args:
            wanted: Which cases; all if None.
            after: The `next` of the page before; None for the first page.
            most: The largest number of cases on the page.

        Raises:
            InvalidValueError: `after` is no cursor, or `most` is not a whole number of at least 1.
        """
        size = whole_number(most, what="length of a page", least=1, most=_PAGE)
        place = None if after is None else place_of(after)
        chosen = CaseFilter() if wanted is None else instance_of(CaseFilter, wanted)
        found = self.context.query(lambda work: work.cases.listed(chosen, place, size + 1))
        page, more = found[:size], len(found) > size
        return CasePage(cases=page, next=cursor_of(page[-1].place) if more else None)

    def statement(
        self,
        customer: str,
        start: date,
        end: date,
        *,
        id: str | None = None,
        zone: str | None = None,
        known_at: datetime | None = None,
    ) -> Statement:
        """Return what a customer owes for the days from `start` up to, but not including, `end`.

        It is made beside the statements of earlier periods that were issued, and is not stored.

        Args:
            customer: Who pays.
            start: The first day of the period.
            end: The first day after it.
            id: Names the sheet; the customer and the first day by default.
            zone: The zone of the two days; that of the first contract by default.
            known_at: Leave out what was recorded later; None for everything.

        Raises what `entitlements.engine.statement` raises.
        """
        asked = StatementInputs(customer=customer, start=start, end=end, statement=id, zone=zone)
        at, catalogs = instant_or_none(known_at), self.context.catalogs
        return self.context.query(lambda work: stored_statement(work, catalogs, asked, at))

    def issued_statements(self, customer: str) -> tuple[Sheet, ...]:
        """Return the statements that a customer has got, in the order of their periods."""
        return self.context.query(lambda work: issued_sheets(work, customer))

    def replay(self, case: str) -> tuple[ReplayResult, ...]:
        """Decide again everything that was decided about a case, from the facts known then.

        Of an adopted case, the terms and the clocks at the adoption are worked out again.

        Raises:
            UnknownIdError: Neither a decision about a case with that id was recorded, nor an
                adoption.
        """
        return self.context.query(lambda work: replay_about(work, self.context.catalogs, case))

    def explain(self, case: str) -> Assessment:
        """Return the assessment of the last decision about a case, made again from its facts.

        The record holds what was decided. Everything that explains it (candidates, remedies,
        warnings, how long it holds, the sentences of `explain`) follows from the same facts, and
        is computed when it is read.

        Raises:
            UnknownIdError: No decision about a case with that id was recorded.
            ConflictError: From the facts that are stored now the decision is another, so that
                they cannot explain it; `replay` shows the difference.
        """
        last = self.context.query(lambda work: decided_about(work, self.context.catalogs, case))
        if not last.result().same:
            raise ConflictError(
                f"the facts that are stored now lead to another decision about `{case}`",
                field="outcome",
                hint="`replay` shows both",
            )
        return last.answer

    def explain_case(
        self,
        case: str,
        at: datetime | None = None,
        *,
        zone: str | ZoneInfo | None = None,
        audience: Audience | str = Audience.AGENT,
        language: Catalogue | str = "en",
    ) -> Explanation:
        """Return what explains a case: the decision or adoption, its milestones, who has the work.

        It says which offers were refused, why its agent got it, as recorded at the offer, and of
        waiting work, who could take it now. Milestones are those at the instant, work is as it is
        now. Before the opening, it says only that the case was not open yet. Arguments are those of
        `Assessment.explanation`.

        Raises:
            UnknownIdError, ConflictError: As `explain` and `Assessment.explanation` do.
        """
        adopted = self.context.query(lambda work: adoption_of(work, case))
        answer = self.explain(case) if adopted is None else adopted
        found = case_to_explain(self.context, answer, at)
        return explained_case(found, zone=zone, audience=audience, language=language)

    def replay_all(self, after: int | None = None) -> Iterator[ReplayResult]:
        """Replay every decision, adoption and record of service with a number above `after`.

        A record of service is compared with what was sealed when it was recorded, and an issued
        statement is made again from the facts that were known then.
        """
        first = None if after is None else whole_number(after, what="number of a link")
        return replay_links(self.context, first)

    def verify(self, head: ChainHead | None = None) -> ChainVerification:
        """Return whether the chain of decisions is intact and ends where the store says.

        Any change of one row is found, be it a link or the end of the chain. A change of the end
        together with the last links, or of all links, is found only with a head that was kept
        outside of the store.

        Args:
            head: The head as it was kept elsewhere.
        """
        if head is not None:
            instance_of(ChainHead, head)
        try:
            return verify_stored(self.context.query, self.tenant, head)
        except UnreadableError as error:
            return ChainBroken(0, str(error))
