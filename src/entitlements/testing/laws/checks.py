"""Checks of a user's own store and policies by the laws, with a minimal example in words."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

import attrs
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.instants import text_of
from entitlements.sla import Event, History, SlaPolicy
from entitlements.testing.laws import sla
from entitlements.testing.laws.clocks.queries import Law, require, severities_of
from entitlements.testing.laws.ports import LAWS, Make
from entitlements.testing.strategies import sla as draw
from entitlements.testing.strategies.by_type.cases import histories

EXAMPLES: Final = 50
"""How many cases `check_policy` draws, unless the caller says otherwise."""

T = TypeVar("T")
_Drawn: TypeAlias = tuple[History, datetime]


def check_repository(make: Make) -> None:
    """Check a store of your own by all laws of a store.

    Args:
        make: Returns a new and empty store; called many times.

    >>> try:
    ...     check_repository(dict)
    ... except AssertionError as error:
    ...     print(error)
    the store breaks the law `what is not committed never happened`
      Leaving a unit without `commit`, or with an exception, rolls everything back.
      AttributeError: 'dict' object has no attribute 'begin'

    Raises:
        AssertionError: The store breaks a law, or raises an error that no store may raise. The
            message names the law and what happened, and for a drawn value the simplest one.
    """
    for law in LAWS:
        try:
            law(make)
        except HypothesisException:
            raise
        except Exception as error:
            raise AssertionError(broken_law("the store", law, error, _noted(error))) from error


def check_policy(policy: SlaPolicy, *, examples: int = EXAMPLES) -> None:
    """Check an SLA policy by all laws of clocks, on drawn cases of its own severities.

    This also tests business hours of your own kind, which the policy counts by. The cases are the
    same in every run.

    Args:
        policy: The policy.
        examples: How many cases are drawn.

    >>> from entitlements.sla import Target
    >>> policy = SlaPolicy(id="p", targets=[Target(milestone="update", within=None)])
    >>> check_policy(policy, examples=1)

    Raises:
        AssertionError: A law is broken. The message names it, and tells the simplest case for
            which it is broken, event by event.
        InvalidValueError: `examples` is not a positive whole number, or the policy counts by hours
            that are never open, such as those that a contract gives it.
    """
    closed = instance_of(SlaPolicy, policy).never_open()
    if closed:
        raise InvalidValueError(
            f"policy `{policy.id}` counts by `{closed[0]}`, which is never open",
            hint="give it hours by `with_calendars`",
        )
    broken: list[tuple[Law, _Drawn]] = []

    def hold(drawn: _Drawn) -> None:
        history, at = drawn
        for law in sla.LAWS:
            try:
                law(policy, history, at)
            except UnknownIdError:
                reject()  # the case changes to terms for which the policy has no first response
            except Exception:
                broken.append((law, drawn))
                raise

    try:
        try_examples(
            hold,
            _cases(policy),
            whole_number(examples, "examples", least=1),
        )
    except Exception as error:
        if not broken:
            raise
        law, (history, at) = broken[-1]
        case = [*map(_event_text, history.events), f"{text_of(at)} the law is asked"]
        raise AssertionError(broken_law(f"policy `{policy.id}`", law, error, case)) from error


def _cases(policy: SlaPolicy) -> st.SearchStrategy[_Drawn]:
    """Draw a case of the policy and an instant."""
    return st.tuples(histories(policy=policy, severities=severities_of(policy)), draw.instants())


def try_examples(hold: Callable[[T], None], drawn: st.SearchStrategy[T], examples: int) -> None:
    """Try examples, shrink one that fails, and try the simplest last."""
    chosen = settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=[*HealthCheck],
    )
    chosen(given(drawn)(hold))()


def _event_text(event: Event) -> str:
    """Return an event as a line: when, what, and its details.

    >>> _event_text(Event.opened("2026-03-02T09:00Z", severity="high", channel="phone"))
    '2026-03-02T09:00:00Z opened, severity high, channel phone'
    """
    left_out = {"kind", "at"}
    words = [f"{text_of(event.at)} {_words(event.kind)}"]
    for each in attrs.fields(Event):
        value: Any = getattr(event, each.name)
        if each.eq and each.name not in left_out and value != each.default and value:
            named = ", ".join(sorted(value)) if isinstance(value, frozenset) else value
            words.append(f"{_words(each.name)} {named}")
    return ", ".join(words)


def broken_law(what: str, law: Callable[..., None], error: Exception, case: Sequence[str]) -> str:
    """Return which law is broken, by what, and what happened."""
    meaning = (law.__doc__ or "").strip().partition("\n")[0]
    lines = [f"{what} breaks the law `{_words(law.__name__)}`", meaning, *case]
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return "\n  ".join(each for each in [*lines, f"{kind}{error}".strip() or _line(error)] if each)


def _line(error: Exception) -> str:
    """Return the line of the law that failed."""
    frames = traceback.extract_tb(error.__traceback__)
    of_laws = [each for each in frames if each.name != require.__name__ and "laws" in each.filename]
    return "" if not of_laws else f"it fails at `{of_laws[-1].line}`"


def _noted(error: Exception) -> list[str]:
    """Return the drawn values that Hypothesis notes on an error."""
    return [line for note in getattr(error, "__notes__", ()) for line in note.splitlines()]


def _words(name: str) -> str:
    return name.replace("_", " ")
