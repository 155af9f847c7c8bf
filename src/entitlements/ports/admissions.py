"""Admissions: what a decision about a request is made from, and all that it writes, as one record.

A store may read and write an admission with fewer statements than its parts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol, final

import attrs

from entitlements.contracts.account import Account
from entitlements.contracts.ledger.entries import Entry
from entitlements.ports.records import Case, ExecutedCommand, WorkItem


@final
@attrs.frozen(kw_only=True)
class AdmissionFacts:
    """What a decision about a request is made from, beside the edition of the catalog.

    Attributes:
        now: The instant by the store's own clock, where it was read with the rest; None otherwise.
        seen: What `write` needs to check what the store knew before; None if all was read now.
        done: The command, if it was carried out before.
        edition: Number of the latest edition of the catalog; 0 for none.
        account: The customer's account; None if there is none.
    """

    now: datetime | None = attrs.field(default=None, eq=False)
    seen: int | None = attrs.field(default=None, eq=False)
    done: ExecutedCommand | None
    edition: int
    account: Account | None

    @property
    def fresh(self) -> bool:
        """Whether all of it was read now."""
        return self.seen is None


@final
@attrs.frozen(kw_only=True)
class Admission:
    """Everything that one admission writes.

    Attributes:
        facts: What it was decided from, as the same unit of work has read it.
        customer: Id of the customer.
        kind: Kind of the link in the chain of decisions.
        subject: Subject of the link.
        body: Body of the link.
        done: The command and the reply to it.
        entries: New entries of the customer's ledger, numbered from its length on.
        case: The case that it opens; None for none.
        item: The work item of the case.
        messages: Messages, each a topic, a body, and the id of the case.
    """

    facts: AdmissionFacts
    customer: str
    kind: str
    subject: str
    body: str
    done: ExecutedCommand
    entries: tuple[Entry, ...] = ()
    case: Case | None = None
    item: WorkItem | None = None
    messages: tuple[tuple[str, str, str], ...] = ()


class Admissions(Protocol):
    """Reads and writes of whole admissions."""

    def expect(self, commands: Collection[str]) -> None:
        """Announce the ids of commands about which `facts` will be asked, to be read at once.

        This unit of work carries out each of them once, and none of them in another way.
        """
        ...

    def facts(self, command: str, customer: str, *, fresh: bool = True) -> AdmissionFacts:
        """Return what an admission is decided from.

        Args:
            command: Id of the command.
            customer: Id of the customer who asks.
            fresh: Whether all of it has to be read now. Otherwise the store may return what it has
                read or written before, as if the command was not carried out yet, and without the
                instant; `write` then refuses what does not follow from the present state.
        """
        ...

    def write(self, admission: Admission) -> list[int]:
        """Write an admission, and return the numbers of its messages.

        The numbers are filled in when it is written, at the latest at the commit.

        Raises:
            StaleReadError: Another unit has written to the account, saved an edition, or carried
                out the command since the facts were read; it is raised at the latest at the commit.
            DuplicateIdError: A case with that id was opened before; as above.
        """
        ...
