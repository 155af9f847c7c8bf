from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from entitlements.kernel import (
    ConflictError,
    DocumentError,
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    NeverReachedError,
    NotCoveredError,
    StorageError,
    TooEarlyError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.errors import (
    BusyError,
    DeliveryError,
    HostTransactionError,
    OpenTransactionError,
    RestartTransactionError,
    SignatureError,
    StaleReadError,
    UnreadableError,
)

SAMPLES: list[EntitlementsError] = [
    InvalidValueError("week is empty", hint="name a day", path="calendars[0].week"),
    LimitExceededError("`9` windows in a day", path="calendars[0]"),
    UnknownIdError("plan", "glod", known=["gold"], path="contracts[1].plan"),
    DuplicateIdError("plan", "gold", path="plans[3]"),
    ConflictError("entry `e1` says two amounts", field="amount", hint="take a new key"),
    TransitionError("a closed case cannot be paused"),
    NeverReachedError(datetime(2026, 3, 2, tzinfo=UTC), timedelta(hours=3), hint="open it"),
    NotCoveredError("no holidays are known for `2031`"),
    DocumentError(["support.yaml:1: no plans", "support.yaml:2: no contracts"]),
    StorageError("the database is locked"),
    StaleReadError("work `R-1` has changed since it was read", field="work"),
    BusyError("all connections are in use", field="unit"),
    OpenTransactionError("a transaction of the caller is open"),
    HostTransactionError("the host's connection is closed"),
    RestartTransactionError("deadlock", field="unit"),
    UnreadableError("work `R-1`", "no JSON", work="R-1"),
    TooEarlyError("an answer dated before its offer"),
    DeliveryError("the receiver answers 503", after=timedelta(minutes=1)),
    SignatureError("no signature of the webhook is right"),
]


def below(kind: type[EntitlementsError]) -> set[type[EntitlementsError]]:
    direct = kind.__subclasses__()
    return {*direct, *(each for above in direct for each in below(above))}


def test_every_error_has_a_sample_here() -> None:
    assert {type(each) for each in SAMPLES} == below(EntitlementsError)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: error.code)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_can_be_pickled(error: EntitlementsError, protocol: int) -> None:
    back = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - written one line above
    assert (type(back), str(back), back.args) == (type(error), str(error), error.args)
    assert vars(back) == vars(error)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: error.code)
def test_an_error_can_be_copied(error: EntitlementsError) -> None:
    assert vars(copy.copy(error)) == vars(error)
    assert str(copy.deepcopy(error)) == str(error)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SAMPLES[0], "calendars[0].week: week is empty (name a day)"),
        (SAMPLES[2], "contracts[1].plan: no plan has the id `glod` (did you mean `gold`?)"),
        (SAMPLES[3], "plans[3]: another plan has the id `gold` (use another id)"),
        (
            SAMPLES[6],
            "only `3:00:00` of open time is left from `2026-03-02T00:00:00Z` on (open it)",
        ),
        (SAMPLES[8], "support.yaml:1: no plans\nsupport.yaml:2: no contracts"),
    ],
    ids=lambda each: getattr(each, "code", ""),
)
def test_a_message_has_the_path_and_the_hint(error: EntitlementsError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (InvalidValueError, ValueError),
        (LimitExceededError, InvalidValueError),
        (UnknownIdError, LookupError),
        (DuplicateIdError, ValueError),
        (ConflictError, ValueError),
        (TransitionError, ValueError),
        (NeverReachedError, LookupError),
        (NotCoveredError, LookupError),
        (DocumentError, ValueError),
        (StorageError, OSError),
        (UnreadableError, StorageError),
        (StaleReadError, ConflictError),
        (BusyError, ConflictError),
        (OpenTransactionError, StorageError),
        (HostTransactionError, StorageError),
        (RestartTransactionError, StaleReadError),
    ],
)
def test_an_error_is_also_a_builtin_exception(
    error: type[EntitlementsError], builtin: type[Exception]
) -> None:
    assert issubclass(error, builtin)


def test_errors_have_attributes_for_programs() -> None:
    unknown, conflict, document = SAMPLES[2], SAMPLES[4], SAMPLES[8]
    assert isinstance(unknown, UnknownIdError)
    assert (unknown.kind, unknown.id, unknown.code) == ("plan", "glod", "unknown_id")
    assert isinstance(conflict, ConflictError)
    assert conflict.field == "amount"
    assert isinstance(document, DocumentError)
    assert document.problems[1] == "support.yaml:2: no contracts"
