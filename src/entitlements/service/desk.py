"""Do it: decide, hold, open, offer, record, resolve, tell. The only choreography over a store.

A desk adds no rule of its own. It reads the facts, asks the pure parts what follows, and writes all
of it in one transaction with the messages that tell others. Every command has an id and may be
given as often as you like; every transaction that was overtaken by another writer is decided again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Final, final

from entitlements.kernel.digests import canonical_json, digest
from entitlements.kernel.errors import (
    BusyError,
    EntitlementsError,
    StorageError,
    UnknownIdError,
    UnreadableError,
)
from entitlements.ports.records import ChainHead, DecisionRecord, ExecutedCommand
from entitlements.ports.store import Observer, Store, UnitOfWork
from entitlements.routing.eligibility.removal import Removal
from entitlements.service.audit.chain import (
    ChainBroken,
    ChainIntact,
    ChainVerification,
    head_of,
    not_the_end,
    verify_chain,
)
from entitlements.service.cases.admission import KIND, admit
from entitlements.service.cases.agent_removal import remove_agent
from entitlements.service.cases.case_commands import cancel, record_event, reopen, resolve
from entitlements.service.cases.notices import read_clocks
from entitlements.service.cases.offer_commands import accept, decline, offer, transfer
from entitlements.service.cases.timeouts import MAX_PER_SWEEP, TimeoutResult, process_due
from entitlements.service.commands import (
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
    check_repeated_command,
    plain_content,
)
from entitlements.service.replay import ReplayResult, replay
from entitlements.service.replies import Reply, reply_data, reply_from_data
from entitlements.service.transaction import DeskRules, TenantContext, Transaction
from entitlements.sla.measurement import Measurement

_PAGE: Final = 1_000


@final
class Desk:
    """One tenant's desk over a store.

    It keeps nothing but caches: any number of desks, in any number of processes, may work on one
    store at once. A desk lives in one thread, unless its store says otherwise.

    Args:
        store: Where everything is kept.
        tenant: Whose desk it is.
        observer: Who is told what became certain; None for nobody.
        rules: How the desk works where desks differ.

    Everywhere, `at` is an aware instant; None is the present by the store's own clock, which is
    the same for all who share the store.
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
            store=store, tenant=tenant, rules=rules or DeskRules(), observer=observer
        )

    @property
    def tenant(self) -> str:
        """Whose desk it is."""
        return self.context.tenant

    def execute(self, command: DeskCommand, at: datetime | None = None) -> Reply:
        """Carry out a command, wholly or not at all, and return what was done.

        A command whose id was used before gets the reply it got then, and nothing is done; one
        that failed has left no trace and may be given again. An offer for which there is nobody
        does nothing and leaves none either.

        Raises:
            ConflictError: The id was used for another command, and `field` says where it differs;
                or the command's fence is stale; or other writers were faster too often.
            TransitionError: It cannot be done as the case or its work stands.
            UnknownIdError: There is no such case, agent or work.
            DuplicateIdError: A case of the request's id was opened before.
            InvalidValueError: `at` is naive.
            BusyError: The store was in use by others for as long as it waits; nothing was done.
            OpenTransactionError: The caller has a transaction of its own open, for which this one
                would wait; nothing was done.
            StorageError: The store failed. Whether the command was carried out is then learnt by
                giving it again.
        """
        try:
            return self.context.execute(lambda transaction: _execute_once(transaction, command), at)
        except (BusyError, StorageError):
            raise
        except EntitlementsError:
            # The same command may have been carried out elsewhere while this one looked.
            done = self.context.query(lambda work: _earlier_reply(work, command))
            if done is None:
                raise
            return done

    def process_due(self, at: datetime | None = None, most: int = MAX_PER_SWEEP) -> TimeoutResult:
        """Carry out what time alone has brought about; call it every few seconds, from anywhere.

        Offers expire and go back to the queue, deferred work becomes due for an offer, wrap-up
        ends, silent assignees lose their work, warnings and breaches are told, ended holds are
        written down.

        Args:
            at: The instant; None for the present.
            most: So many pieces of work and so many cases at most.
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
            agent: Whom.
            at: The instant; None for the present.
            policy: What becomes of the work that was offered to the agent, or is theirs: `refuse`
                the removal, let the work wait for another (`requeue`), or offer it to `to` as well
                (`hand_to`). What is only being wrapped up ends.
            to: The successor; they must be eligible for every piece.

        Raises:
            UnknownIdError: There is no such agent, or no such successor.
            ConflictError: The agent has work and the policy refuses; or the successor is not
                eligible for all of it; or other writers were faster too often.
            InvalidValueError: The policy and the successor do not go together.
            StorageError: The store failed.
        """
        return self.context.execute(partial(remove_agent, agent=agent, policy=policy, to=to), at)

    def clocks(self, case: str, at: datetime | None = None) -> Measurement:
        """Return how the milestones of a case stand, from its events and its frozen terms.

        Raises:
            UnknownIdError: There is no such case.
        """

        def read(work: UnitOfWork) -> Measurement:
            found = work.cases.case(case)
            edition = self.context.catalogs.edition(work, found.terms.edition)
            moment = work.now() if at is None else at
            policy, others = edition.policy(found.terms), edition.others(found)
            return read_clocks(found, policy, moment, others=others)[0]

        return self.context.query(read)

    def replay(self, case: str) -> tuple[ReplayResult, ...]:
        """Make all decisions about a case again, from the facts as they were known then.

        Raises:
            UnknownIdError: Nothing was ever decided about such a case.
        """

        def again(work: UnitOfWork) -> tuple[ReplayResult, ...]:
            links = [each for each in work.decisions.about(case) if each.kind == KIND]
            if not links:
                raise UnknownIdError("decision about a case", case)
            return tuple(replay(work, self.context.catalogs, each) for each in links)

        return self.context.query(again)

    def replay_all(self, after: int | None = None) -> Iterator[ReplayResult]:
        """Yield every decision made again, in the order in which they were made."""
        for link in self._links(after):
            if link.kind == KIND:
                yield self.context.query(partial(replay, catalogs=self.context.catalogs, link=link))

    def verify(self, head: ChainHead | None = None) -> ChainVerification:
        """Return whether the record of decisions is whole, and ends where the store says.

        Whatever is done to one row, be it a link or the end of the chain, is found. Who changes the
        end together with the last links, or writes all anew, is found with a head kept elsewhere.

        Args:
            head: The head as it was kept elsewhere.
        """
        try:
            return self._verified(head)
        except UnreadableError as error:
            return ChainBroken(0, str(error))

    def _verified(self, head: ChainHead | None) -> ChainVerification:
        verdict = verify_chain(self.tenant, self._links(None), head)
        while isinstance(verdict, ChainIntact):
            # Read after the links: others may have added some meanwhile, but taken none away.
            last, end = verdict.head, self.context.query(lambda work: work.decisions.head())
            if end == last:
                return verdict
            verdict = verify_chain(self.tenant, self._links(last.number), since=last)
            if isinstance(verdict, ChainIntact) and verdict.head == last:
                return not_the_end(last, end)
        return verdict

    def _links(self, after: int | None) -> Iterator[DecisionRecord]:
        while True:
            page = self.context.query(partial(_page, after=after))
            yield from page
            if len(page) < _PAGE:
                return
            after = head_of(page[-1]).number


def _page(work: UnitOfWork, after: int | None) -> tuple[DecisionRecord, ...]:
    return work.decisions.links(after, _PAGE)


def _earlier_reply(work: UnitOfWork, command: DeskCommand) -> Reply | None:
    """Return what was answered when the command was carried out before; None if it was not.

    Raises:
        ConflictError: Its id was used for another command.
    """
    done = work.commands.find(command.id)
    if done is None:
        return None
    content, reply = _read_answer(done)
    check_repeated_command(command, content)
    return reply


def _read_answer(done: ExecutedCommand) -> tuple[dict[str, Any], Reply]:
    try:
        kept = json.loads(done.answer)
        content, reply = kept["content"], reply_from_data(kept["reply"])
    except Exception as error:
        raise UnreadableError(f"command `{done.id}`", error) from error
    if digest(content) != done.digest:
        raise UnreadableError(f"command `{done.id}`", "its content has another digest")
    return content, reply


def _execute_once(transaction: Transaction, command: DeskCommand) -> Reply:
    """Carry out a command, unless it was before; keep what is answered."""
    done = _earlier_reply(transaction.work, command)
    if done is not None:
        transaction.changed = False
        return done
    reply = _dispatch(transaction, command)
    if transaction.changed:
        content = plain_content(command)
        answer = canonical_json({"content": content, "reply": reply_data(reply)})
        transaction.work.commands.record(
            ExecutedCommand(id=command.id, digest=digest(content), at=transaction.at, answer=answer)
        )
    return reply


def _dispatch(transaction: Transaction, command: DeskCommand) -> Reply:  # noqa: PLR0911 - one line for each command
    match command:
        case AdmitRequest():
            return admit(transaction, command)
        case RecordEvent():
            return record_event(transaction, command)
        case OfferCase():
            return offer(transaction, command)
        case AcceptOffer():
            return accept(transaction, command)
        case DeclineOffer():
            return decline(transaction, command)
        case TransferCase():
            return transfer(transaction, command)
        case ResolveCase():
            return resolve(transaction, command)
        case ReopenCase():
            return reopen(transaction, command)
        case CancelCase():
            return cancel(transaction, command)
