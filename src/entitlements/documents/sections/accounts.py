"""Document section `accounts`: contracts, their changes, grants and ledgers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, final

import attrs

from entitlements.contracts.account import Account, AccountPart, OpenCase
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    Expire,
    GiveBack,
    GrantShare,
    Issue,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    Cancellation,
    NonRenewalNotice,
    Renewal,
    Transfer,
)
from entitlements.contracts.records.contract import Contract, ContractLine, Coverage, CoverageLevel
from entitlements.contracts.records.parties import Delegation, NamedContact
from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.plans.own_prices import with_own_prices
from entitlements.documents.sections.catalog import ROLLOVER
from entitlements.documents.sections.prices import COMMERCIAL
from entitlements.documents.shapes.collections import ListShape, MappingShape, OptionalShape
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import (
    TEXT,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    Shape,
    WriteContext,
    enum_shape,
)
from entitlements.documents.shapes.unions import TaggedUnionShape
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.ids import identifier


@final
@attrs.frozen
class CoverageShape(Shape):
    """The coverage of a line: a level and ids, such as `product: [db]`."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the coverage."""
        levels = [each.value for each in CoverageLevel]
        if isinstance(node, ScalarNode) and node.text == CoverageLevel.ACCOUNT.value:
            return Coverage()
        if not isinstance(node, MappingNode) or len(node.entries) != 1:
            hint = f"write one of {', '.join(levels)} and the ids covered"
            return into.problem(node, f"{node_text(node)} is not a coverage", hint)
        level, ids_node = next(iter(node.entries.items()))
        if level not in levels:
            into.unknown_key(node, level, levels)
            return UNREADABLE
        ids = ListShape(TEXT, frozenset).read(ids_node, into)
        if isinstance(ids, Unreadable):
            return UNREADABLE
        return into.guarded(node, lambda: Coverage(level=level, ids=ids))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the level with its ids."""
        if value.level is CoverageLevel.ACCOUNT:
            return str(value.level.value)
        return {value.level.value: ListShape(TEXT, frozenset).write(value.ids, out)}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return one key for the level."""
        ids = ListShape(TEXT).schema(defs)
        levels = {each.value: ids for each in CoverageLevel if each is not CoverageLevel.ACCOUNT}
        mapping = {
            "type": "object",
            "properties": levels,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [{"const": CoverageLevel.ACCOUNT.value}, mapping]}


LINE: Final = record_shape(
    ContractLine,
    shapes={
        "plan": ReferenceShape(("plan",)),
        "coverage": CoverageShape(),
        "calendars": MappingShape(ReferenceShape(("calendar",))),
    },
)
_CONTACTS: Final = ListShape(record_shape(NamedContact, lone="contact"))
_CONTRACT_ID: Final = ReferenceShape(("contract",))
_CONTRACT: Final = record_shape(
    Contract,
    shapes={
        "id": NewIdShape("contract", unique=False),
        "lines": ListShape(LINE),
        "contacts": _CONTACTS,
        "commercial": OptionalShape(COMMERCIAL),
    },
    without=("customer",),
    beside={"customer": TEXT},
)


@final
@attrs.frozen
class ContractShape(Shape):
    """A contract; its customer is that of the account unless it has the key `customer`."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the contract."""
        node = _CONTRACT.mended(node, into)
        named = node.entries.get("id") if isinstance(node, MappingNode) else None
        if isinstance(node, MappingNode) and isinstance(named, ScalarNode):
            node = with_own_prices(node, f"contract {named.text}", named.text, into)
        values = _CONTRACT.read_fields(node, into)
        customer: Any = into.customer
        if isinstance(node, MappingNode) and "customer" in node.entries:
            customer = TEXT.read(node.entries["customer"], into)
        if isinstance(values, Unreadable) or isinstance(customer, Unreadable):
            return UNREADABLE
        return _CONTRACT.build(node, {**values, "customer": customer}, into)

    def named(self) -> frozenset[str]:
        """Return those of the contract."""
        return _CONTRACT.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the contract, with its customer if it differs from the account's."""
        other = {} if value.customer == out.customer else {"customer": value.customer}
        return {**_CONTRACT.write_keys(value, out), **other}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return those of the contract."""
        return _CONTRACT.schema(defs)


CHANGE: Final = TaggedUnionShape(
    "change",
    {
        "renewal": record_shape(
            Renewal,
            keys={"kind": "joins"},
            shapes={"contract": _CONTRACT_ID},
            tag=("kind", "renewal"),
        ),
        "notice": record_shape(
            NonRenewalNotice, shapes={"contract": _CONTRACT_ID}, tag=("kind", "notice")
        ),
        "amendment": record_shape(
            Amendment,
            shapes={
                "contract": _CONTRACT_ID,
                "lines": ListShape(LINE),
                "contacts": OptionalShape(_CONTACTS),
            },
            tag=("kind", "amendment"),
        ),
        "cancellation": record_shape(
            Cancellation, shapes={"contract": _CONTRACT_ID}, tag=("kind", "cancellation")
        ),
        "transfer": record_shape(
            Transfer, shapes={"contract": _CONTRACT_ID}, tag=("kind", "transfer")
        ),
        "block": record_shape(
            Block, shapes={"contract": OptionalShape(_CONTRACT_ID)}, tag=("kind", "block")
        ),
    },
)
GRANT: Final = record_shape(
    Grant, shapes={"id": NewIdShape("grant"), "rollover": OptionalShape(ROLLOVER)}
)
_COMMANDS: Final = (
    Issue,
    Reserve,
    Commit,
    Void,
    Expire,
    GiveBack,
    Adjust,
    Withdraw,
    TransferUnits,
)
COMMAND: Final = TaggedUnionShape(
    "command",
    {
        each.kind.value: record_shape(
            each, tag=("kind", each.kind.value), shapes={"grant": GRANT} if each is Issue else None
        )
        for each in _COMMANDS
    },
)
ENTRIES: Final = ListShape(record_shape(Entry, shapes={"command": COMMAND}))
GRANTS: Final = ListShape(GRANT)

_ACCOUNT: Final = record_shape(
    Account,
    shapes={
        "customer": NewIdShape("account"),
        "contracts": ListShape(ContractShape()),
        "changes": ListShape(CHANGE),
        "delegations": ListShape(record_shape(Delegation, shapes={"contract": _CONTRACT_ID})),
        "cases": ListShape(record_shape(OpenCase)),
        "unknown": MappingShape(TEXT, key=enum_shape(AccountPart)),
    },
    without=("ledger",),
    beside={"grants": GRANTS, "ledger": ENTRIES},
)
_SCOPES: Final = ("contract", "grant")


_NOBODY: Final = "customer"
"""The customer of contracts in an account without one, which is a problem once, of the account."""


def _id_or(other: str, node: Node | None) -> str:
    try:
        return identifier(node.text) if isinstance(node, ScalarNode) else other
    except InvalidValueError:
        return other


@final
@attrs.frozen
class AccountShape(Shape):
    """One account; its units are written as grants if no entry has used them yet."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the account."""
        node = _ACCOUNT.mended(node, into)
        named = node.entries.get("customer") if isinstance(node, MappingNode) else None
        into.customer = _id_or(_NOBODY, named)
        with into.scope(*_SCOPES):
            values = _ACCOUNT.read_fields(node, into)
            ledger = self._ledger(node, into)
            unresolved = into.unresolved(*_SCOPES)
        if isinstance(values, Unreadable) or isinstance(ledger, Unreadable):
            return UNREADABLE
        with into.silent(unresolved):
            return _ACCOUNT.build(node, {**values, "ledger": ledger}, into)

    def named(self) -> frozenset[str]:
        """Return those of the account."""
        return _ACCOUNT.named()

    def _ledger(self, node: Node, into: ReadContext) -> Any:
        entries = node.entries if isinstance(node, MappingNode) else {}
        if "ledger" in entries and "grants" in entries:
            message = "an account has `grants` or a `ledger`, not both"
            return into.problem(
                entries["grants"], message, "the entries of the ledger issue the grants"
            )
        if "ledger" in entries:
            return _read_ledger(ENTRIES, entries["ledger"], Ledger.of, into)
        if "grants" in entries:
            return _read_ledger(GRANTS, entries["grants"], ledger_of_grants, into)
        return Ledger()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the account with grants or the whole ledger."""
        inside = attrs.evolve(out, customer=value.customer)
        written = _ACCOUNT.write_keys(value, inside)
        entries = value.ledger.entries
        grants = [each.command.grant for each in entries if isinstance(each.command, Issue)]
        if not entries:
            return written
        if _has_only_grants(value.ledger, grants):
            return {**written, "grants": GRANTS.write(grants, inside)}
        return {**written, "ledger": ENTRIES.write(entries, inside)}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return those of the account."""
        return _ACCOUNT.schema(defs)


def _read_ledger(
    shape: Shape, node: Node, build: Callable[[Any], Ledger], into: ReadContext
) -> Any:
    read = shape.read(node, into)
    return UNREADABLE if isinstance(read, Unreadable) else into.guarded(node, lambda: build(read))


def ledger_of_grants(grants: tuple[Grant, ...]) -> Ledger:
    """Return the ledger in which each grant is issued at its first instant, in that order."""
    ordered = sorted(grants, key=lambda each: each.effective)
    return Ledger.of(
        Entry(
            number=number,
            command=Issue(grant=grant),
            at=grant.effective,
            recorded=grant.effective,
            shares=(GrantShare(grant.id, grant.amount),),
        )
        for number, grant in enumerate(ordered, start=1)
    )


def _has_only_grants(ledger: Ledger, grants: list[Grant]) -> bool:
    if len(grants) != len(ledger):
        return False
    try:
        return ledger_of_grants(tuple(grants)) == ledger
    except EntitlementsError:
        return False
