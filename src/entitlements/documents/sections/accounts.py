"""How does one customer stand in a document? Contracts, what happened to them, and units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, final

import attrs

from entitlements.contracts.account import Account, OpenCase, Part
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.changes import Amendment, Block, Cancellation, Renewal, Transfer
from entitlements.contracts.contract import Contract, ContractLine, Coverage, CoveredLevel
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    Expire,
    GiveBack,
    Issue,
    Reserve,
    Share,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.parties import Delegation, NamedContact
from entitlements.documents.formats.nodes import Keyed, Leaf, Node, shown
from entitlements.documents.sections.catalog import ROLLOVER
from entitlements.documents.shapes.collections import Maybe, Several, Table
from entitlements.documents.shapes.read_context import BROKEN, Broken, Reading
from entitlements.documents.shapes.records import record
from entitlements.documents.shapes.scalars import (
    Choice,
    Definitions,
    JsonSchema,
    Name,
    Plain,
    Reference,
    Shape,
    Text,
    Writing,
)
from entitlements.documents.shapes.unions import Tagged
from entitlements.kernel.errors import EntitlementsError


@final
@attrs.frozen
class Covered(Shape):
    """What a line covers: the level and the ids covered on it, such as `product: [db]`."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return the coverage."""
        levels = [each.value for each in CoveredLevel]
        if isinstance(node, Leaf) and node.text == CoveredLevel.ACCOUNT.value:
            return Coverage()
        if not isinstance(node, Keyed) or len(node.entries) != 1:
            hint = f"write one of {', '.join(levels)} and what is covered there"
            return into.problem(node, f"{shown(node)} is not a coverage", hint)
        level, ids_node = next(iter(node.entries.items()))
        if level not in levels:
            into.unknown_key(node, level, levels)
            return BROKEN
        ids = Several(Text(), frozenset).read(ids_node, into)
        if isinstance(ids, Broken):
            return BROKEN
        return into.guarded(node, lambda: Coverage(level=level, ids=ids))

    def write(self, value: Any, out: Writing) -> Plain:
        """Return the level with its ids."""
        if value.level is CoveredLevel.ACCOUNT:
            return str(value.level.value)
        return {value.level.value: Several(Text(), frozenset).write(value.ids, out)}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return one key for the level."""
        ids = Several(Text()).schema(defs)
        levels = {each.value: ids for each in CoveredLevel if each is not CoveredLevel.ACCOUNT}
        table = {
            "type": "object",
            "properties": levels,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [{"const": CoveredLevel.ACCOUNT.value}, table]}


LINE: Final = record(
    ContractLine,
    shapes={
        "plan": Reference(("plan",)),
        "coverage": Covered(),
        "calendars": Table(Reference(("calendar",))),
    },
)
_CONTACTS: Final = Several(record(NamedContact, lone="contact"))
_CONTRACT_ID: Final = Reference(("contract",))
_CONTRACT: Final = record(
    Contract,
    shapes={
        "id": Name("contract", unique=False),
        "lines": Several(LINE),
        "contacts": _CONTACTS,
    },
    without=("customer",),
    beside={"customer": Text()},
)


@final
@attrs.frozen
class ContractShape(Shape):
    """A contract; its customer is that of the account unless it says another."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return the contract."""
        node = _CONTRACT.mended(node, into)
        values = _CONTRACT.read_fields(node, into)
        customer: Any = into.customer
        if isinstance(node, Keyed) and "customer" in node.entries:
            customer = Text().read(node.entries["customer"], into)
        if isinstance(values, Broken) or isinstance(customer, Broken):
            return BROKEN
        return _CONTRACT.build(node, {**values, "customer": customer}, into)

    def named(self) -> frozenset[str]:
        """Return the contract's own."""
        return _CONTRACT.named()

    def write(self, value: Any, out: Writing) -> Plain:
        """Return the contract, with its customer where it is another's."""
        other = {} if value.customer == out.customer else {"customer": value.customer}
        return {**_CONTRACT.write_keys(value, out), **other}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the contract's own."""
        return _CONTRACT.schema(defs)


CHANGE: Final = Tagged(
    "change",
    {
        "renewal": record(
            Renewal,
            keys={"kind": "joins"},
            shapes={"contract": _CONTRACT_ID},
            tag=("kind", "renewal"),
        ),
        "amendment": record(
            Amendment,
            shapes={"contract": _CONTRACT_ID, "lines": Several(LINE), "contacts": Maybe(_CONTACTS)},
            tag=("kind", "amendment"),
        ),
        "cancellation": record(
            Cancellation, shapes={"contract": _CONTRACT_ID}, tag=("kind", "cancellation")
        ),
        "transfer": record(Transfer, shapes={"contract": _CONTRACT_ID}, tag=("kind", "transfer")),
        "block": record(Block, shapes={"contract": Maybe(_CONTRACT_ID)}, tag=("kind", "block")),
    },
)
GRANT: Final = record(Grant, shapes={"id": Name("grant"), "rollover": Maybe(ROLLOVER)})
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
COMMAND: Final = Tagged(
    "command",
    {
        each.kind.value: record(
            each, tag=("kind", each.kind.value), shapes={"grant": GRANT} if each is Issue else None
        )
        for each in _COMMANDS
    },
)
ENTRIES: Final = Several(record(Entry, shapes={"command": COMMAND}))
GRANTS: Final = Several(GRANT)

_ACCOUNT: Final = record(
    Account,
    shapes={
        "customer": Name("account"),
        "contracts": Several(ContractShape()),
        "changes": Several(CHANGE),
        "delegations": Several(record(Delegation, shapes={"contract": _CONTRACT_ID})),
        "cases": Several(record(OpenCase)),
        "unknown": Table(Text(), key=Choice(Part)),
    },
    without=("ledger",),
    beside={"grants": GRANTS, "ledger": ENTRIES},
)
_SCOPES: Final = ("contract", "grant")


@final
@attrs.frozen
class AccountShape(Shape):
    """One customer; units are written as grants where nothing has happened to them yet."""

    def read(self, node: Node, into: Reading) -> Any:
        """Return the account."""
        node = _ACCOUNT.mended(node, into)
        named = node.entries.get("customer") if isinstance(node, Keyed) else None
        into.customer = named.text if isinstance(named, Leaf) else ""
        with into.scope(*_SCOPES):
            values = _ACCOUNT.read_fields(node, into)
            ledger = self._ledger(node, into)
            unresolved = into.unresolved(*_SCOPES)
        if isinstance(values, Broken) or isinstance(ledger, Broken):
            return BROKEN
        with into.silent(unresolved):
            return _ACCOUNT.build(node, {**values, "ledger": ledger}, into)

    def named(self) -> frozenset[str]:
        """Return the account's own."""
        return _ACCOUNT.named()

    def _ledger(self, node: Node, into: Reading) -> Any:
        entries = node.entries if isinstance(node, Keyed) else {}
        if "ledger" in entries and "grants" in entries:
            message = "an account has `grants` or a `ledger`, not both"
            return into.problem(entries["grants"], message, "the ledger issues its grants")
        if "ledger" in entries:
            return _built(ENTRIES, entries["ledger"], Ledger.of, into)
        if "grants" in entries:
            return _built(GRANTS, entries["grants"], granted, into)
        return Ledger()

    def write(self, value: Any, out: Writing) -> Plain:
        """Return the account with its grants or its whole ledger."""
        inside = attrs.evolve(out, customer=value.customer)
        written = _ACCOUNT.write_keys(value, inside)
        entries = value.ledger.entries
        grants = [each.command.grant for each in entries if isinstance(each.command, Issue)]
        if not entries:
            return written
        if _is_granted(value.ledger, grants):
            return {**written, "grants": GRANTS.write(grants, inside)}
        return {**written, "ledger": ENTRIES.write(entries, inside)}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the account's own."""
        return _ACCOUNT.schema(defs)


def _built(shape: Shape, node: Node, build: Callable[[Any], Ledger], into: Reading) -> Any:
    read = shape.read(node, into)
    return BROKEN if isinstance(read, Broken) else into.guarded(node, lambda: build(read))


def granted(grants: tuple[Grant, ...]) -> Ledger:
    """Return the ledger in which each grant was issued at its first instant, in that order."""
    ordered = sorted(grants, key=lambda each: each.effective)
    return Ledger.of(
        Entry(
            number=number,
            command=Issue(grant=grant),
            at=grant.effective,
            recorded=grant.effective,
            shares=(Share(grant.id, grant.amount),),
        )
        for number, grant in enumerate(ordered, start=1)
    )


def _is_granted(ledger: Ledger, grants: list[Grant]) -> bool:
    if len(grants) != len(ledger):
        return False
    try:
        return granted(tuple(grants)) == ledger
    except EntitlementsError:
        return False
