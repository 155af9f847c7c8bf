"""Execution of desk commands inside a transaction: each once, with its reply recorded."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from entitlements.kernel.data.digests import (
    first_different_field,
    plain_json,
    plain_text,
    text_digest,
)
from entitlements.kernel.errors import (
    ConflictError,
    EntitlementsError,
    UnknownIdError,
    UnreadableError,
)
from entitlements.ports.records import ExecutedCommand
from entitlements.ports.store import UnitOfWork
from entitlements.service.cases.admission import admit
from entitlements.service.cases.adoption import adopt
from entitlements.service.cases.agents.assignment import assign
from entitlements.service.cases.agents.offer_commands import accept, decline, offer, transfer
from entitlements.service.cases.case_commands import cancel, record_event, reopen, resolve
from entitlements.service.cases.ticket_sync import sync
from entitlements.service.commands.commands import (
    AcceptOffer,
    AdmitRequest,
    AdoptCase,
    AssignCase,
    CancelCase,
    CaseCommand,
    DeclineOffer,
    DeskCommand,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    SyncCase,
    TransferCase,
    content_text,
)
from entitlements.service.commands.record_commands import RecordCommand
from entitlements.service.commands.replies import Reply, reply_from_data
from entitlements.service.records.record_execution import customers_of, execute_record_command
from entitlements.service.transaction import Transaction


def check_repeated_command(command: DeskCommand, stored: Mapping[str, Any]) -> None:
    """Raise unless the content stored under the command's id is this command's.

    Raises:
        ConflictError: Its content differs; `field` names the first field that does.
    """
    content = {"command": command.kind.value, **json.loads(content_text(command))}
    field = first_different_field(stored, content)
    if field is not None:
        raise ConflictError(
            f"command `{command.id}` was given before with another `{field}`",
            field=field,
            hint="use another id for another command",
        )


def count_executed(work: UnitOfWork, commands: Iterable[DeskCommand]) -> int:
    """Return how many of the commands were carried out before.

    Raises:
        ConflictError: The id of one was used for another command.
    """
    return sum(_earlier_reply(work, each) is not None for each in commands)


def _earlier_reply(work: UnitOfWork, command: DeskCommand) -> Reply | None:
    """Return the reply to the command if it was carried out before, otherwise None.

    Raises:
        ConflictError: Its id was used for another command.
    """
    done = work.commands.find(command.id)
    return None if done is None else _reply_again(done, command)


def _reply_again(done: ExecutedCommand, command: DeskCommand) -> Reply:
    content, reply = _read_answer(done)
    check_repeated_command(command, content)
    return reply


def _read_answer(done: ExecutedCommand) -> tuple[dict[str, Any], Reply]:
    try:
        answer = json.loads(done.answer)
        content, reply = answer["content"], reply_from_data(answer["reply"])
    except Exception as error:
        raise UnreadableError(f"command `{done.id}`", error) from error
    if text_digest(plain_json(content)) != done.digest:
        raise UnreadableError(f"command `{done.id}`", "its content has another digest")
    return content, reply


def execute_all(transaction: Transaction, commands: Collection[DeskCommand]) -> tuple[Reply, ...]:
    """Carry out commands in their order, each unless it was carried out before."""
    if len(commands) > 1 or transaction.contended:
        transaction.work.accounts.lock_all(_customers(transaction.work, commands))
        admitted = {each.id for each in commands if isinstance(each, AdmitRequest)}
        if len(admitted) > 1 and len({each.id for each in commands}) == len(commands):
            transaction.work.admissions.expect(admitted)
    replies, changed = [], False
    for command in commands:
        transaction.changed = True
        replies.append(_execute_once(transaction, command))
        changed = changed or transaction.changed
    transaction.changed = changed
    return tuple(replies)


def _customers(work: UnitOfWork, commands: Iterable[DeskCommand]) -> set[str]:
    """Return the customers whom commands are about, as far as they are known before the commands.

    Their accounts are locked before all else. An admission locks the end of the chain after the
    account; an admission of another customer after it, in the same transaction, would wait for an
    account whose holder waits for the chain. A command that others were faster than does not lose
    again.
    """
    found = set[str]()
    for each in commands:
        if isinstance(each, AdmitRequest | AdoptCase):
            found.add(each.request.customer)
        elif isinstance(each, RecordCommand):
            found |= customers_of(work, each)
        else:
            with suppress(UnknownIdError):  # the case is opened by a command before this one
                found.add(work.cases.case(each.case).customer)
    return found


def _execute_once(transaction: Transaction, command: DeskCommand) -> Reply:
    """Carry out a command, unless it was carried out before, and record the reply."""
    if isinstance(command, AdmitRequest):
        return _admit_once(transaction, command)
    done = _earlier_reply(transaction.work, command)
    if done is not None:
        transaction.changed = False
        return done
    if isinstance(command, RecordCommand):
        reply = execute_record_command(transaction, command)
    else:
        reply = _dispatch(transaction, command)
    if transaction.changed:
        transaction.work.commands.record(_executed(command, reply, transaction.at))
    return reply


def _admit_once(transaction: Transaction, command: AdmitRequest) -> Reply:
    """Decide about a request from what the store knows, and write all that follows at once.

    The decision may fail for what the store knew and is no longer so; then all is read and it is
    made again.
    """
    for fresh in (False, True):
        facts = transaction.facts(command.id, command.request.customer, fresh=fresh)
        if facts.done is not None:
            transaction.changed = False
            return _reply_again(facts.done, command)
        try:
            reply, admission = admit(
                transaction, command, facts, lambda reply: _executed(command, reply, transaction.at)
            )
        except EntitlementsError:
            if facts.fresh:
                raise
            transaction.take_messages()
        else:
            transaction.write(admission)
            return reply
    raise AssertionError  # pragma: no cover - what was read now is fresh


def _executed(command: DeskCommand, reply: Reply, at: datetime) -> ExecutedCommand:
    content = content_text(command)
    answer = f'{{"content":{content},"reply":{plain_text(reply)}}}'
    return ExecutedCommand(id=command.id, digest=text_digest(content), at=at, answer=answer)


def _dispatch(  # noqa: PLR0911 - one line for each command
    transaction: Transaction, command: CaseCommand
) -> Reply:
    match command:
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
        case AssignCase():
            return assign(transaction, command)
        case SyncCase():
            return sync(transaction, command)
        case AdoptCase():
            return adopt(transaction, command)
        case ResolveCase():
            return resolve(transaction, command)
        case ReopenCase():
            return reopen(transaction, command)
        case CancelCase():
            return cancel(transaction, command)
