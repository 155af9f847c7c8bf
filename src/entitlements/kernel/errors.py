"""Every exception of the library, in one tree.

EntitlementsError
├── InvalidValueError       (ValueError)   a value was built from nonsense
│   └── LimitExceededError  (ValueError)   a stated limit was passed
├── UnknownIdError          (LookupError)  nothing has that id
├── DuplicateIdError        (ValueError)   two things have the same id
├── ConflictError           (ValueError)   two statements contradict each other
│   ├── StaleReadError      (ValueError)   what was read has changed since
│   │   └── RestartTransactionError        the host has to run its transaction again
│   └── BusyError           (ValueError)   others kept the store busy for too long
├── TransitionError         (ValueError)   not allowed in this state
│   └── TooEarlyError       (ValueError)   dated before what it is about
├── NeverReachedError       (LookupError)  open time ends before the amount is used up
├── NotCoveredError         (LookupError)  that date is outside the known range
├── DeliveryError           (OSError)      a message could not be delivered
├── SignatureError          (ValueError)   a webhook has no valid signature
├── DocumentError           (ValueError)   a document has problems; it lists all of them
└── StorageError            (OSError)      a repository could not do its work
    ├── UnreadableError     (OSError)      one stored row cannot be read
    ├── OpenTransactionError (OSError)     the caller has a transaction open
    └── HostTransactionError (OSError)     the host's transaction cannot be worked in

A refusal is not an error: "no" is a `Denied`, with its reasons. Each error is also the builtin
that a caller would catch, carries a stable `code`, and has a `hint` if it can be corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from entitlements.kernel.hints import closest_match_hint


class EntitlementsError(Exception):
    """Base of all exceptions raised by this library.

    Attributes:
        code: Stable name of the kind of error, for programs.
        hint: How to correct it, in a few words, or None.
        path: Where in the caller's input, such as `plans[0].targets[1].within`, or None.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        way_out = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{way_out}"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are not part of `args`, so the default would lose them.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(
    kind: type[EntitlementsError], args: tuple[object, ...], state: dict[str, object]
) -> EntitlementsError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidValueError(EntitlementsError, ValueError):
    """A value was built from nonsense."""

    code = "invalid_value"


class LimitExceededError(InvalidValueError):
    """A stated limit was passed; the library refuses instead of hanging."""

    code = "limit_exceeded"


class UnknownIdError(EntitlementsError, LookupError):
    """Nothing has that id.

    >>> str(UnknownIdError("calendar", "berln", known=["berlin", "boston"]))
    'no calendar has the id `berln` (did you mean `berlin`?)'
    """

    code = "unknown_id"

    def __init__(
        self, kind: str, id: str, *, known: Iterable[str] = (), path: str | None = None
    ) -> None:
        super().__init__(
            f"no {kind} has the id `{id}`", hint=closest_match_hint(str(id), known), path=path
        )
        self.kind = kind
        self.id = id


class DuplicateIdError(EntitlementsError, ValueError):
    """Two things of one kind have the same id."""

    code = "duplicate_id"

    def __init__(self, kind: str, id: str, *, path: str | None = None) -> None:
        super().__init__(f"another {kind} has the id `{id}`", hint="use another id", path=path)
        self.kind = kind
        self.id = id


class ConflictError(EntitlementsError, ValueError):
    """Two statements contradict each other; `field` names where they differ."""

    code = "conflict"

    def __init__(
        self, message: str, *, field: str, hint: str | None = None, path: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, path=path)
        self.field = field


class StaleReadError(ConflictError):
    """Another transaction has changed what this one read; nothing was written.

    Every store raises it for this and for nothing else, because a `Desk` then reads again and
    decides again. Other conflicts would be the same after another try.
    """

    code = "stale_read"


class RestartTransactionError(StaleReadError):
    """The host has to roll its transaction back and run it again; nothing of it can be saved.

    A unit of work inside a host's transaction raises it at once where a repetition inside the same
    transaction would fail again: after a deadlock or a serialization failure, or because the
    transaction sees the database as it was before the change.
    """

    code = "restart_transaction"


class BusyError(ConflictError):
    """Another transaction, or all connections being in use, kept this one waiting for too long.

    The wait was as long as the store allows, so that a `Desk` does not wait a second time.
    """

    code = "busy"


class TransitionError(EntitlementsError, ValueError):
    """An event or a command is not allowed in this state; nothing was changed."""

    code = "transition"


class TooEarlyError(TransitionError):
    """A command is dated before what it is about, such as an answer before the offer.

    Where the store gives the instant, a `Desk` tries again, because the offer may have been made
    while the command was under way.
    """

    code = "too_early"


class NeverReachedError(EntitlementsError, LookupError):
    """Open time ends before the amount is used up.

    Attributes:
        since: The instant from which open time was counted.
        available: All open time from `since` on.
    """

    code = "never_reached"

    def __init__(self, since: datetime, available: timedelta, *, hint: str | None = None) -> None:
        # As `text_of` writes it, which cannot be imported here.
        begun = since.isoformat().replace("+00:00", "Z")
        super().__init__(f"only `{available}` of open time is left from `{begun}` on", hint=hint)
        self.since = since
        self.available = available


class NotCoveredError(EntitlementsError, LookupError):
    """A date is outside the range for which the facts, such as holidays, are known."""

    code = "not_covered"


class DocumentError(EntitlementsError, ValueError):
    """A document has problems; `problems` lists all of them, in the order of the document."""

    code = "document"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class StorageError(EntitlementsError, OSError):
    """A repository could not do its work; the driver's own error is its cause."""

    code = "storage"


class OpenTransactionError(StorageError):
    """The caller has a transaction open, for which a unit of work would wait and never get it.

    It is raised at once. End the transaction first, or work inside it; `hint` says how.
    """

    code = "open_transaction"


class HostTransactionError(StorageError):
    """The host's transaction cannot be worked in; nothing was done, and `hint` says what to do.

    The connection is closed, to another database or from another process, or it has no transaction,
    or one that has failed before.
    """

    code = "host_transaction"


class DeliveryError(EntitlementsError, OSError):
    """A message could not be delivered, and may have arrived nevertheless.

    Attributes:
        after: The shortest time until the next try; None if the receiver does not say.
        final: Whether to give up, because no further try can help.
    """

    code = "delivery"

    def __init__(
        self,
        message: str,
        *,
        after: timedelta | None = None,
        final: bool = False,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.after = after
        self.final = final


class SignatureError(EntitlementsError, ValueError):
    """A webhook has no valid signature, or is too old: do not believe what it says."""

    code = "signature"


class UnreadableError(StorageError):
    """One stored row cannot be read; all others can.

    Attributes:
        row: What the row holds, such as "case `R-1`".
        work: Id of the work item in a queue that cannot be read; None for another row.
        customer: The customer whose account or ledger cannot be read; None for another row.
    """

    code = "unreadable"

    def __init__(
        self, row: str, why: object = "", *, work: str | None = None, customer: str | None = None
    ) -> None:
        reason = str(why).encode("ascii", "backslashreplace").decode()[:200]
        super().__init__(f"the stored {row} cannot be read", hint=reason or None)
        self.row = row
        self.work = work
        self.customer = customer
