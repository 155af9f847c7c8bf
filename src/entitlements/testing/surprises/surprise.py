"""Surprises: answers that follow from the facts and that their author did not have in mind."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import as_text, as_tuple, enum_member, instance_of
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request


class SurpriseKind(TextEnum):
    """The kind of surprise: what most customers would not expect of a plan."""

    LATER_THAN_LESS_SEVERE = "later_than_less_severe"
    """A more severe case is due later than a less severe one."""

    NEVER_ACCEPTED = "never_accepted"
    """A severity that customers may open is accepted at no instant, by no channel."""

    NO_AGENT_AT_ONCE = "no_agent_at_once"
    """Access is granted at once, and no agent is there."""

    TOO_LATE_FOR_ANY_AGENT = "too_late_for_any_agent"
    """A response is due before any agent can be there."""

    NO_WAY_OUT = "no_way_out"
    """A request of an entitled person is denied, and nothing would change that."""

    LOST_BY_UPGRADE = "lost_by_upgrade"
    """A plan that answers sooner denies what the plan before grants."""


def _kind(value: SurpriseKind | str) -> SurpriseKind:
    return enum_member(SurpriseKind, value)


def _request(value: Request) -> Request:
    return instance_of(Request, value)


@final
@attrs.frozen
class Surprise:
    """One surprise, with the simplest question that shows it.

    Attributes:
        kind: What is surprising.
        plan: The plan under which it happens.
        request: The question.
        at: When it is asked.
        says: What is surprising about the answer, as a sentence.
        severities: The severities for which it was found, in the order of the search.
    """

    kind: SurpriseKind = attrs.field(converter=_kind)
    plan: str = attrs.field(converter=as_text)
    request: Request = attrs.field(converter=_request)
    at: datetime = attrs.field(converter=utc)
    says: str = attrs.field(converter=as_text)
    severities: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)

    def explain(self) -> str:
        """Return the sentence, and the command that shows the whole answer."""
        asked = self.request
        options = {
            "customer": asked.customer,
            "contact": asked.contact,
            "contract": asked.contract,
            "product": asked.product,
            "severity": asked.severity,
            "channel": asked.channel,
            "group": asked.group,
            "kind": asked.kind,
        }
        words = [f"--{name} {_quoted(value)}" for name, value in options.items() if value]
        words.append(f"--at {text_of(self.at)}")
        others = [each for each in self.severities if each != asked.severity]
        also = f" (also for severity {', '.join(others)})" if others else ""
        command = f"entitlements decide FILE {' '.join(words)}"
        return f"{self.kind} {self.plan}: {self.says}{also}\n  {command}"


def _quoted(text: str) -> str:
    return text if all(each.isalnum() or each in "-_.:" for each in text) else f"'{text}'"
