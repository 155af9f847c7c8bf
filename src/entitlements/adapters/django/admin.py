"""Admin pages: cases, decisions, agents, ledgers, service records; nothing can be changed there.

They show the tenant of the settings, read from the store, to users who may view the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from entitlements.adapters.django.desks.desks import desk
from entitlements.adapters.django.models import Agent, Case, Decision, Ledger, ServiceRecord
from entitlements.adapters.django.panels import MAX_ROWS, case_panel, cases, latest_records
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.errors import UnknownIdError
from entitlements.ports.store import UnitOfWork
from entitlements.routing.roster import Roster
from entitlements.service.records.recording import RECORD_KINDS

Table = tuple[str, Sequence[str], Iterable[Sequence[object]]]
"""Heading, names of columns, rows."""


class StorePage(admin.ModelAdmin):
    """A page for each record of the store, and one that lists them; see the methods."""

    columns: Sequence[str] = ()

    def rows(self) -> Iterable[Sequence[object]]:
        """Return the rows of the list; the first column is the id of the record."""
        raise NotImplementedError

    def tables(self, id: str) -> Iterable[Table]:
        """Return what the page of one record shows; raise `UnknownIdError` if there is none."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        return False

    def get_urls(self) -> list[Any]:
        """Return the two pages; those with which Django would change a record do not exist."""
        wrap, name = self.admin_site.admin_view, f"entitlements_{self.opts.model_name}"
        return [
            path("", wrap(self.changelist_view), name=f"{name}_changelist"),
            path("<path:object_id>/change/", wrap(self.change_view), name=f"{name}_change"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list."""
        return self._page(request, "list.html", extra_context, columns=self.columns, rows=self.rows)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show one record."""
        try:
            tables = list(self.tables(object_id))
        except UnknownIdError as error:
            raise Http404(str(error)) from error
        return self._page(request, "record.html", extra_context, record=object_id, tables=tables)

    def _page(self, request: HttpRequest, name: str, more: Any, **context: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = {"opts": self.opts, "title": self.opts.verbose_name_plural, "limit": MAX_ROWS}
        context = {**self.admin_site.each_context(request), **words, **context, **(more or {})}
        return TemplateResponse(request, f"entitlements/admin/{name}", context)


@admin.register(Case)
class CasePage(StorePage):
    """Cases, and for each its deadlines, its decision and its events."""

    columns = ("case", "customer", "severity", "opened", "closed", "line", "next due")

    def rows(self) -> Iterable[Sequence[object]]:
        for each in cases(desk()):
            asked = each.request
            yield (
                each.id, asked.customer, asked.severity, each.opened, each.closed, each.terms.line,
                each.next_due_at,
            )  # fmt: skip

    def tables(self, id: str) -> Iterable[Table]:
        found = desk().context.query(lambda work: work.cases.case(id))
        panel = case_panel(desk(), id)
        work = [("group", panel.group), ("status", panel.work), ("agent", panel.agent)]
        yield "Decision", ("outcome", "explanation"), [(panel.outcome, panel.explanation)]
        yield "Work", ("what", "value"), work
        yield (
            "Clocks",
            ("milestone", "state", "due", "remaining"),
            [(each.name, each.state.value, each.due, each.remaining) for each in panel.deadlines],
        )
        yield (
            "Events",
            ("at", "kind"),
            [(each.at, each.kind.value) for each in found.events],
        )


@admin.register(Decision)
class DecisionPage(StorePage):
    """The latest decisions, and for each request its record and its explanation."""

    columns = ("request", "number", "at", "kind", "digest")

    def rows(self) -> Iterable[Sequence[object]]:
        def read(work: UnitOfWork) -> Iterable[Sequence[object]]:
            first = max(work.decisions.head().number - MAX_ROWS, 0)
            return [
                (each.subject, each.number, each.at, each.kind, each.digest[:12])
                for each in work.decisions.links(first, MAX_ROWS)
            ]

        return reversed(list(desk().context.query(read)))

    def tables(self, id: str) -> Iterable[Table]:
        replayed = desk().replay(id)
        links = desk().context.query(lambda work: work.decisions.about(id))
        panel = case_panel(desk(), id)
        yield "Explanation", ("outcome", "sentences"), [(panel.outcome, panel.explanation)]
        again = [("the same" if each.same else ", ".join(each.differs),) for each in replayed]
        yield "Decided again", ("difference",), again
        yield (
            "Record",
            ("number", "at", "digest", "body"),
            [(each.number, each.at, each.digest, _pretty(each.body)) for each in links],
        )


@admin.register(Agent)
class AgentPage(StorePage):
    """Agents, and for each the work that is assigned or offered."""

    columns = ("agent", "groups", "capacity", "work")

    def rows(self) -> Iterable[Sequence[object]]:
        roster = _roster()
        for id, each in roster.agents.items():
            held = len(roster.workload(id).held)
            yield id, ", ".join(sorted(each.groups)), each.capacity, held

    def tables(self, id: str) -> Iterable[Table]:
        roster = _roster()
        if id not in roster.agents:
            raise UnknownIdError("agent", id, known=roster.agents)
        agent = roster.agents[id]
        known = [("groups", ", ".join(sorted(agent.groups))), ("capacity", agent.capacity)]
        yield "Agent", ("what", "value"), known
        yield "Work", ("case",), [(each,) for each in sorted(roster.workload(id).held)]


@admin.register(Ledger)
class LedgerPage(StorePage):
    """Customers, and for each the entries of the ledger."""

    columns = ("customer", "contracts", "entries")

    def rows(self) -> Iterable[Sequence[object]]:
        def read(work: UnitOfWork) -> Iterable[Sequence[object]]:
            for name in work.accounts.customers(most=MAX_ROWS):
                account = work.accounts.account(name)
                if account is not None:
                    yield name, len(account.contracts), len(account.ledger)

        return desk().context.query(lambda work: list(read(work)))

    def tables(self, id: str) -> Iterable[Table]:
        entries = desk().context.query(lambda work: work.ledger.entries(id))
        yield "Entries", ("number", "entry"), [(each.number, repr(each)) for each in entries]


@admin.register(ServiceRecord)
class ServiceRecordPage(StorePage):
    """What was recorded last of outages, surveys, complaints and the others, and its revisions."""

    columns = ("record", "customer or case", "recorded", "number")

    def rows(self) -> Iterable[Sequence[object]]:
        for each in desk().context.query(latest_records):
            body = json.loads(each.body)
            yield f"{each.kind}:{body['id']}", each.subject, each.at, each.number

    def tables(self, id: str) -> Iterable[Table]:
        kind, _, record = id.partition(":")
        if kind not in RECORD_KINDS or not record:
            raise UnknownIdError("record of service", id)
        kept = desk().context.query(lambda work: work.service_records.history(kind, record))
        if not kept:
            raise UnknownIdError(kind, record)
        yield (
            "Revisions",
            ("revision", "recorded", "happened", "retracted", "value"),
            [
                (
                    each.revision,
                    each.recorded,
                    each.happened,
                    "yes" if each.retracted else "no",
                    _pretty(plain_text(each.value)),
                )
                for each in reversed(kept)
            ],
        )


def _roster() -> Roster:
    return desk().context.query(lambda work: work.roster.roster())


def _pretty(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False)
