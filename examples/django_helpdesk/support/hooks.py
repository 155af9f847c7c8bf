"""What happens to a ticket becomes commands of the desk, in the same transaction.

The helpdesk has no signal for each of its changes, so the models are watched: after each save the
ticket is compared with its case, and what differs is recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.timezone import now
from helpdesk.models import FollowUp, Ticket

from entitlements import Request
from entitlements.adapters.django import desk, message_committed
from entitlements.kernel import UnknownIdError
from entitlements.kernel.errors import ConflictError, StaleReadError, TransitionError
from entitlements.ports import Case
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    DeskCommand,
    OfferCase,
    RecordEvent,
    SyncCase,
)
from entitlements.sla import Event

ENDED = {Ticket.RESOLVED_STATUS, Ticket.CLOSED_STATUS, Ticket.DUPLICATE_STATUS}
STATUSES = {"solved": "resolved", "pending": "paused", "in_progress": "open"}
NOTICES = {"clock.warning": "Deadline is near", "clock.breach": "Deadline is missed"}


def case_of(ticket: Ticket) -> Case | None:
    """Return the ticket's case; None if it was denied, or not decided."""
    try:
        return desk().context.query(lambda work: work.cases.case(f"ticket-{ticket.pk}"))
    except UnknownIdError:
        return None


def admission(ticket: Ticket) -> AdmitRequest:
    """Return the command that decides about a new ticket."""
    email = ticket.submitter_email or "nobody@unknown"
    request = Request(
        id=f"ticket-{ticket.pk}",
        customer=email.rpartition("@")[2],
        contact=email,
        product=ticket.queue.slug,
        severity=str(ticket.priority),
        channel="web",
    )
    return AdmitRequest(id=f"ticket-{ticket.pk} opened", request=request)


@receiver(post_save, sender=Ticket)
def ticket_saved(instance: Ticket, created: bool, raw: bool = False, **_: Any) -> None:
    """Decide about a new ticket; record what has changed about another."""
    if raw:
        return
    if created:
        if desk().execute(admission(instance)).accepted:
            case = f"ticket-{instance.pk}"
            deadline = desk().clocks(case).next_deadline
            # On the object as well, because the helpdesk saves it again.
            instance.due_date = None if deadline is None else deadline.due
            Ticket.objects.filter(pk=instance.pk).update(due_date=instance.due_date)
            desk().execute(OfferCase(id=f"{case} offered", case=case))
        return
    for command in changes(instance):
        desk().execute(command)


def changes(ticket: Ticket) -> Iterator[DeskCommand]:
    """Return commands for what may differ between a ticket and its case."""
    case = case_of(ticket)
    if case is None or (case.closed is not None and ticket.status in ENDED):
        return
    ended, n = ticket.status in ENDED, len(case.events)
    if case.closed is None and case.severity != str(ticket.priority):
        event = Event.severity_changed(now(), str(ticket.priority))
        yield RecordEvent(id=f"{case.id} severity {n}", case=case.id, event=event)
    if ended and all(each.kind != "responded" for each in case.events):
        event = Event.responded(now())  # the helpdesk saves the answer after the status
        yield RecordEvent(id=f"{case.id} answered {n}", case=case.id, event=event)
    state = "solved" if ended else "pending" if ticket.on_hold else "in_progress"
    if desk().clocks(case.id).status != STATUSES[state]:
        yield SyncCase(id=f"{case.id} {state} {n}", case=case.id, state=state)
    if case.closed is not None:
        yield OfferCase(id=f"{case.id} offered again {n}", case=case.id)


@receiver(post_save, sender=FollowUp)
def follow_up_saved(instance: FollowUp, created: bool, raw: bool = False, **_: Any) -> None:
    """Record public comments: an answer of the staff, or a reply of the customer."""
    if raw or not created or not instance.public or not instance.comment:
        return
    case = case_of(instance.ticket)
    if case is None or case.closed is not None:
        return
    staff = instance.user is not None and instance.user.is_staff
    event = Event.responded(now()) if staff else Event.customer_replied(now())
    desk().execute(RecordEvent(id=f"followup-{instance.pk}", case=case.id, event=event))


@receiver(message_committed)
def message_received(message: Any, **_: Any) -> None:
    """Assign offered work to the agent, and note warnings and breaches on the ticket."""
    told = json.loads(message.body)
    ticket = Ticket.objects.filter(pk=told["case"].removeprefix("ticket-")).first()
    if ticket is None:
        return
    if message.topic == "offer.made":
        agent, case, id = told["agent"], told["case"], f"message-{message.number}"
        try:
            desk().execute(AcceptOffer(id=id, case=case, agent=agent, fence=told["fence"]))
        except StaleReadError:
            raise
        except (ConflictError, TransitionError):
            return  # the offer has ended, as when the server was down; another one follows
        ticket.assigned_to = get_user_model().objects.filter(username=agent).first()
        ticket.save(update_fields=["assigned_to"])
    elif message.topic in NOTICES:
        title = f"{NOTICES[message.topic]}: {told['milestone']} due {told['due']}"
        FollowUp.objects.create(ticket=ticket, title=title, public=False)


def missing_commands() -> Iterator[DeskCommand]:
    """Return what `entitlements_reconcile` is to give, such as after `QuerySet.update`."""
    for ticket in Ticket.objects.order_by("pk").iterator():
        if case_of(ticket) is None:
            yield admission(ticket)
        yield from changes(ticket)
