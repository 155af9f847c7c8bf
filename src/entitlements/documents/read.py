"""Reading documents: `read_facts` and `parse_facts`; `read_documents` returns records as well.

All problems are found in one pass. If there is any problem, no facts are returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.billing.price_book import PriceBook
from entitlements.calendars import BusinessHours, HolidaySet
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import ContractLine
from entitlements.documents.formats.files import (
    Format,
    Paths,
    Source,
    document_paths,
    load_document,
    parse_document,
)
from entitlements.documents.formats.nodes import MappingNode, Node
from entitlements.documents.formats.problems import Problem, documents_error
from entitlements.documents.hours.business_hours import PREDEFINED, read_calendars
from entitlements.documents.hours.calendars import read_holiday_sets
from entitlements.documents.plans.milestone_tables import MILESTONES
from entitlements.documents.plans.own_prices import PRICE_SECTIONS
from entitlements.documents.sections.document_parts import KINDS, LISTS, PRECEDENCE, SHAPES, VERSION
from entitlements.documents.sections.plans.plan_targets import check_targets
from entitlements.documents.sections.plans.plans import PlanShape, plan_bases
from entitlements.documents.sections.policies import policy_with_targets
from entitlements.documents.sections.records.after_sales import RECORD_SECTIONS
from entitlements.documents.sections.roster import ROSTER
from entitlements.documents.sections.routing import ROUTING
from entitlements.documents.shapes.collections import is_empty, items_of
from entitlements.documents.shapes.read_context import ReadContext, Unreadable
from entitlements.documents.shapes.scalars import INTEGER, TEXT, Shape
from entitlements.engine.facts import Facts, line_problems
from entitlements.kernel.converters import as_text, instance_of
from entitlements.kernel.errors import DocumentError, EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.hints import bounded
from entitlements.kernel.ids import SEPARATOR, optional_identifier
from entitlements.ports.service_records.service_record import RecordValue, record_id
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.roster import Roster
from entitlements.service.records.imported import record_values

PublicHolidays: TypeAlias = Callable[..., HolidaySet]
"""Returns the public holidays of a country, as `entitlements.interchange.public_holidays` does."""


@final
@attrs.frozen(kw_only=True)
class DocumentContent:
    """What documents hold.

    Attributes:
        facts: The facts.
        records: Outages, maintenance, surveys, complaints and sent notices, section by section.
    """

    facts: Facts
    records: tuple[RecordValue, ...] = attrs.field(default=(), converter=record_values)

    def __attrs_post_init__(self) -> None:
        instance_of(Facts, self.facts)


_READ_FIRST: Final = frozenset({"holidays", "calendars"})


def read_facts(
    paths: Paths, *, holidays: PublicHolidays | None = None, tenant: str | None = None
) -> Facts:
    """Return the facts of one file, of several, or of all documents of a folder.

    A file ending in `.json` is read as JSON, any other as YAML. Records of service in them are
    checked, and returned by `read_documents` only. A name defined in one file can be
    used in all of them; a part that is a list may be split over several files.

    Args:
        paths: One path or several.
        holidays: Looks up public holidays such as `DE-BE 2026-2028`, which documents may name;
            `entitlements.interchange.public_holidays` does. None if they name none.
        tenant: Id of the tenant; a document that names another one is a problem. None for any.

    Raises:
        DocumentError: There are problems; `problems` lists all of them with file, line and path.
        InvalidValueError: `paths` holds something else than paths.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "products.yaml").write_text("products: [db]")
    ...     read_facts(folder).catalog.products[0].id
    'db'
    """
    return read_documents(paths, holidays=holidays, tenant=tenant).facts


def read_documents(
    paths: Paths, *, holidays: PublicHolidays | None = None, tenant: str | None = None
) -> DocumentContent:
    """Return the facts and the records of service of documents.

    Args and errors are those of `read_facts`.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "facts.json")
    ...     _ = file.write_text('{"products": [{"id": "db"}]}')
    ...     found = read_documents(file)
    >>> [each.id for each in found.facts.catalog.products]
    ['db']
    """
    sources: list[Source] = []
    unparsed: list[str] = []
    try:
        files = document_paths(paths)
    except OSError as error:
        raise DocumentError([f"cannot be read: {error}"]) from None
    for path in files:
        try:
            sources.append(load_document(path))
        except DocumentError as error:
            unparsed += error.problems
    return _read(sources, unparsed, holidays, tenant)


def parse_facts(
    text: str,
    *,
    name: str = "<text>",
    format: Format = "yaml",
    holidays: PublicHolidays | None = None,
    tenant: str | None = None,
) -> Facts:
    """Return the facts of the document `text`.

    >>> parse_facts("products: [db]").catalog.products[0].id
    'db'

    Args:
        text: The document.
        name: The name of the document in problems.
        format: `yaml` or `json`.
        holidays: Looks up public holidays; see `read_facts`.
        tenant: Id of the tenant; see `read_facts`.

    Raises:
        DocumentError: There are problems; `problems` lists all of them with line and path.
        InvalidValueError: `text` is not text, or there is no such format.
    """
    return parse_documents(text, name=name, format=format, holidays=holidays, tenant=tenant).facts


def parse_documents(
    text: str,
    *,
    name: str = "<text>",
    format: Format = "yaml",
    holidays: PublicHolidays | None = None,
    tenant: str | None = None,
) -> DocumentContent:
    """Return the facts and the records of service of the document `text`.

    Args and errors are those of `parse_facts`.

    >>> content = parse_documents("outages: [{id: O-1, service: db, start: 2026-03-10T09:00Z}]")
    >>> [each.id for each in content.records], len(content.facts.accounts)
    (['O-1'], 0)
    """
    if not isinstance(text, str):
        raise InvalidValueError(f"`{type(text).__name__}` is not text", hint="decode it first")
    as_text(name)
    if format not in ("yaml", "json"):
        raise InvalidValueError(f"`{format}` is not a format", hint="use `yaml` or `json`")
    return _read([Source(name, text, format)], [], holidays, tenant)


def _read(
    sources: Sequence[Source],
    unparsed: list[str],
    holidays: PublicHolidays | None,
    tenant: str | None,
) -> DocumentContent:
    into = ReadContext()
    into.public_holidays = holidays
    into.tenant = optional_identifier(tenant)
    trees: list[MappingNode] = []
    for source in sources:
        inside: list[Problem] = []
        try:
            trees.append(parse_document(source, inside))
            into.problems += inside
        except DocumentError as error:  # other problems of the file may follow from this one
            unparsed += error.problems
    content, stopped = None, tuple[str, ...]()
    try:
        with bounded():
            content = _DocumentReader(trees, into).content(complete=not unparsed)
    except DocumentError as error:
        stopped = error.problems
    if content is None or unparsed or into.problems:
        found = documents_error(into.problems, [source.name for source in sources])
        raise DocumentError([*unparsed, *found.problems, *stopped])
    return content


def facts_of(trees: Sequence[MappingNode], into: ReadContext, *, complete: bool) -> Facts | None:
    """Return the facts of parsed documents, or None after adding all problems to `into`.

    Args:
        trees: The documents.
        into: Where problems and names are kept.
        complete: Whether all documents could be parsed; if not, unknown names are no problem.
    """
    found = _DocumentReader(trees, into).content(complete=complete)
    return None if found is None else found.facts


class _DocumentReader:
    """The trees of all documents, read part by part."""

    def __init__(self, trees: Sequence[MappingNode], into: ReadContext) -> None:
        self._into = into
        self._plans = PlanShape()
        into.declare(*KINDS)
        self._trees = [into.mended(tree, SHAPES) for tree in trees]
        if any(tree.lossy for tree in self._trees):
            into.lose(*KINDS)

    def content(self, *, complete: bool) -> DocumentContent | None:
        """Return facts and records, or None after adding all problems.

        Args:
            complete: Whether all documents could be parsed; if not, unknown names are no problem.
        """
        into = self._into
        self._check_version()
        self._check_tenant()
        read_holiday_sets(self._nodes("holidays"), into)
        calendars = read_calendars(self._nodes("calendars"), into)
        for milestone in MILESTONES:
            into.define("milestone", milestone)
        self._plans = PlanShape(plan_bases(self._items("plans"), into))
        lists = {name: self._list(name) for name in LISTS if name not in _READ_FIRST}
        records = [each for name in RECORD_SECTIONS for each in lists[name]]
        self._check_records(lists)
        for name, nodes in into.own_prices.items():
            lists[name] += self._values(LISTS[name], nodes)
        precedence, roster = self._single("precedence"), self._single("roster")
        routing = self._single("routing")
        order = None if precedence is None else PRECEDENCE.read(precedence, into)
        state = {} if roster is None else ROSTER.read_fields(roster, into)
        policy = RoutingPolicy() if routing is None else ROUTING.read(routing, into)
        if complete:
            into.check_references()
            aside = ReadContext()
            shared = [policy_with_targets(item, aside) for item in self._items("policies")]
            check_targets(lists["plans"], lists["policies"], shared, into)
        if into.problems or not complete or not self._trees or isinstance(state, Unreadable):
            return None
        order = {} if order is None else {"precedence": order}
        facts = self._built(calendars, lists, order, state, policy)
        return None if facts is None else DocumentContent(facts=facts, records=records)

    def _built(
        self,
        calendars: dict[str, BusinessHours],
        lists: Mapping[str, list[Any]],
        order: Mapping[str, Any],
        state: Mapping[str, Any],
        routing: RoutingPolicy,
    ) -> Facts | None:
        plans = [each.plan for each in lists["plans"]]
        private = [each.policy for each in lists["plans"] if each.policy is not None]
        parts = {name: lists[name] for name in ("services", "products", "groups")}
        hours = calendars | self._into.in_place
        hours |= _predefined(plans, lists["accounts"], hours)
        try:
            catalog = Catalog(calendars=FrozenMap(hours), plans=plans, **parts, **order)
            if self._add_line_problems(lists["accounts"], catalog):
                return None
            return Facts(
                catalog=catalog,
                policies=[*lists["policies"], *private],
                roster=Roster(agents=lists["agents"], on_call=lists["on_call"], **state),
                routing=routing,
                accounts=lists["accounts"],
                prices=PriceBook(**{name: lists[name] for name in PRICE_SECTIONS}),
                billing_accounts=lists["billing_accounts"],
                notice_clauses=lists["notice_clauses"],
            )
        except EntitlementsError as error:
            self._into.failed(self._trees[0], error)
            return None

    def _add_line_problems(self, accounts: Sequence[Account], catalog: Catalog) -> bool:
        """Add a problem for each unusable contract line; return whether there are any problems."""
        for node, account in zip(self._items("accounts"), accounts, strict=True):
            for error in line_problems(account, catalog):
                self._into.failed(node, error)
        return bool(self._into.problems)

    def _check_records(self, lists: Mapping[str, Sequence[RecordValue]]) -> None:
        """Add a problem for the second survey of a case, and for a notice that is there twice."""
        for name in ("surveys", "notices"):
            seen: set[str] = set()
            # Where an item cannot be read, the values are fewer, and another problem is reported.
            for node, value in zip(self._items(name), lists[name], strict=False):
                id = record_id(value)
                if id in seen:
                    shown = id.replace(SEPARATOR, " ")
                    self._into.problem(node, f"`{shown}` is recorded twice", "keep one of them")
                seen.add(id)

    def _nodes(self, name: str) -> list[Node]:
        return [tree.entries[name] for tree in self._trees if name in tree.entries]

    def _items(self, name: str) -> list[Node]:
        return [item for node in self._nodes(name) for item in items_of(node)]

    def _list(self, name: str) -> list[Any]:
        """Return the values that can be read of a part that may be split over files."""
        shape = self._plans if name == "plans" else LISTS[name]
        return self._values(shape, self._items(name))

    def _values(self, shape: Shape, nodes: Iterable[Node]) -> list[Any]:
        values = [shape.read(each, self._into) for each in nodes]
        return [each for each in values if not isinstance(each, Unreadable)]

    def _single(self, name: str) -> Node | None:
        """Return the node of a part that only one file may have."""
        nodes = self._nodes(name)
        for other in nodes[1:]:
            first = f"first in {nodes[0].file}:{nodes[0].line}"
            self._into.problem(other, f"`{name}` is defined twice", first)
        return nodes[0] if nodes and not is_empty(nodes[0]) else None

    def _check_version(self) -> None:
        for node in self._nodes("schema_version"):
            version = INTEGER.read(node, self._into)
            if version != VERSION and not isinstance(version, Unreadable):
                message = f"schema version `{version}` is not known"
                self._into.problem(node, message, f"this library reads version {VERSION}")

    def _check_tenant(self) -> None:
        expected = self._into.tenant
        for node in self._nodes("tenant"):
            named = TEXT.read(node, self._into)
            if isinstance(named, Unreadable):
                continue
            expected = named if expected is None else expected
            if named != expected:
                message = f"the document is of tenant `{named}`, not of `{expected}`"
                self._into.problem(node, message, "read it for that tenant, or leave `tenant` out")


def _predefined(
    plans: Sequence[Plan], accounts: Sequence[Account], calendars: Mapping[str, BusinessHours]
) -> dict[str, BusinessHours]:
    """Return the predefined hours that plans and contracts name."""
    used = {right.hours for plan in plans for right in plan.rights}
    used |= {plan.lead_time.calendar for plan in plans if plan.lead_time is not None}
    for account in accounts:
        used |= {name for line in _lines(account) for name in line.calendars.values()}
    return {
        name: hours for name, hours in PREDEFINED.items() if name in used and name not in calendars
    }


def _lines(account: Account) -> list[ContractLine]:
    changed = [change for change in account.changes if isinstance(change, Amendment)]
    kept = [line for contract in account.contracts for line in contract.lines]
    return kept + [line for change in changed for line in change.lines]
