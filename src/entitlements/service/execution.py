"""Execution of desk commands inside a transaction: each once, with its reply recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from entitlements.kernel.digests import plain_json, text_digest
from entitlements.kernel.errors import UnreadableError
from entitlements.ports.records import ExecutedCommand
from entitlements.ports.store import UnitOfWork
from entitlements.service.cases.admission import admit
from entitlements.service.cases.case_commands import cancel, record_event, reopen, resolve
from entitlements.service.cases.offer_commands import accept, decline, offer, transfer
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
from entitlements.service.replies import Reply, reply_data, reply_from_data
from entitlements.service.transaction import Transaction


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
    if done is None:
        return None
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


def execute_all(transaction: Transaction, commands: Iterable[DeskCommand]) -> tuple[Reply, ...]:
    """Carry out commands in their order, each unless it was carried out before."""
    replies, changed = [], False
    for command in commands:
        transaction.changed = True
        replies.append(_execute_once(transaction, command))
        changed = changed or transaction.changed
    transaction.changed = changed
    return tuple(replies)


def _execute_once(transaction: Transaction, command: DeskCommand) -> Reply:
    """Carry out a command, unless it was carried out before, and record the reply."""
    done = _earlier_reply(transaction.work, command)
    if done is not None:
        transaction.changed = False
        return done
    reply = _dispatch(transaction, command)
    if transaction.changed:
        content = plain_json(plain_content(command))
        answer = f'{{"content":{content},"reply":{plain_json(reply_data(reply))}}}'
        transaction.work.commands.record(
            ExecutedCommand(
                id=command.id, digest=text_digest(content), at=transaction.at, answer=answer
            )
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
