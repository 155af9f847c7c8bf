"""Command `decide`: the whole answer to one request."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from typing import Final

from entitlements.access import OVERAGE_CONSENT, Denied
from entitlements.calendars.timeline.zones import zone_name
from entitlements.cli.arguments import Parser, check_known, parse_instant
from entitlements.cli.files.sources import FILES_HELP, facts_from
from entitlements.contracts.plans import Plan
from entitlements.engine import Engine, Facts
from entitlements.engine.explanation.explanation import Audience
from entitlements.engine.explanation.languages.shipped import LANGUAGES
from entitlements.kernel.data.schema import located
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier
from entitlements.kernel.requests import Request

REFUSED: Final = 1
MAX_LEVEL: Final = 9
"""Maximum number of digits of a skill level."""

_REQUIRED: Final = {
    "customer": "customer whose contracts apply",
    "contact": "person who makes the request",
    "product": "product that the request is about",
    "channel": "channel by which the request arrived",
}
_OPTIONAL: Final = {
    "severity": "severity, as named by the plan; leave it out for a plan without severities",
    "impact": "how much is affected; the severity follows from it and from --urgency",
    "urgency": "how soon it matters, as named by the plan",
    "group": "expert group asked for",
    "contract": "only this contract",
    "product-version": "version of the product",
    "asset": "installed asset",
    "site": "site of the customer",
    "party": "party (subsidiary, department) of the customer",
    "kind": "kind of request, such as incident or question",
    "language": "language in which help is asked for",
}


def run(words: Sequence[str]) -> int:
    """Print the answer on standard output; return 1 for a denial if `--exit-code` is given."""
    asked = _parser().read(words)
    at = parse_instant(asked.at, "--at")
    skills = dict(map(_skill, asked.skill))
    facts = facts_from(asked.files)
    _check_names(asked, facts)
    for name in ("id", "contact"):  # all others are ids of the documents, or may be any text
        _check_id(getattr(asked, name), f"--{name}")
    request = Request(
        id=asked.id,
        customer=asked.customer,
        contact=asked.contact,
        product=asked.product,
        severity=asked.severity,
        impact=asked.impact,
        urgency=asked.urgency,
        channel=asked.channel,
        group=asked.group,
        contract=asked.contract,
        version=asked.product_version,
        asset=asked.asset,
        site=asked.site,
        party=asked.party,
        skills=skills,
        conditions=asked.condition,
        kind=asked.kind,
        language=asked.language,
    )
    answer = Engine(facts).assess(request, at)
    if asked.format == "json":
        text = json.dumps(answer.to_dict(), indent=2, ensure_ascii=False)
    else:
        zone = None if asked.zone is None else _zone(asked.zone)
        text = answer.explain(zone=zone, audience=asked.audience, language=_language(asked))
    sys.stdout.write(f"{text}\n")
    return REFUSED if asked.exit_code and isinstance(answer.decision, Denied) else 0


def _parser() -> Parser:
    about = "Answer one request from the facts in documents, with every reason."
    parser = Parser("decide", about)
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    for name, text in _REQUIRED.items():
        parser.add_argument(f"--{name}", required=True, help=text)
    parser.add_argument("--at", required=True, help="when, with an offset: 2026-03-27T15:30+01:00")
    for name, text in _OPTIONAL.items():
        parser.add_argument(f"--{name}", help=text)
    parser.add_argument(
        "--condition", action="append", default=[], help="condition that the customer declares"
    )
    parser.add_argument(
        "--skill",
        action="append",
        default=[],
        metavar="NAME[=LEVEL]",
        help="required skill",
    )
    parser.add_argument("--id", default="R-1", help="id of the request")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print the answer"
    )
    parser.add_argument(
        "--audience",
        choices=[each.value for each in Audience],
        default="agent",
        help="who reads the text",
    )
    parser.add_argument("--zone", help="time zone of the text; UTC if not given")
    parser.add_argument(
        "--in-language",
        choices=LANGUAGES,
        help="language of the text; customers read that of --language if it is one of these",
    )
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 if access is denied")
    return parser


def _skill(text: str) -> tuple[str, int]:
    name, equals, level = text.partition("=")
    if equals and not (level.isdecimal() and len(level) <= MAX_LEVEL):
        raise InvalidValueError(
            f"`{level}` is not a level", hint="write it as `spanish=2`", path="--skill"
        )
    return name, int(level) if equals else 1


def _language(asked: Namespace) -> str:
    """Return the language of the text: as given, or the one in which a customer asks for help."""
    is_known = asked.audience == Audience.CUSTOMER and asked.language in LANGUAGES
    found: str = asked.in_language or (asked.language if is_known else "en")
    return found


def _check_id(text: str, option: str) -> None:
    try:
        identifier(text)
    except InvalidValueError as error:
        raise located(error, option) from None


def _zone(text: str) -> str:
    try:
        return zone_name(text)
    except InvalidValueError as error:
        raise located(error, "--zone") from None


def _check_names(asked: Namespace, facts: Facts) -> None:
    """Refuse names that do not occur in the documents, as typing mistakes.

    Contacts are left to the decision: a request by somebody who is not a contact is denied.
    """
    catalog = facts.catalog
    contracts = [each.id for account in facts.accounts.values() for each in account.contracts]
    check_known("customer", asked.customer, facts.accounts, "--customer")
    check_known("product", asked.product, (each.id for each in catalog.products), "--product")
    check_known("expert group", asked.group, (each.id for each in catalog.groups), "--group")
    check_known("contract", asked.contract, contracts, "--contract")
    severities = [each for plan in catalog.plans for each in plan.severities]
    if severities:
        check_known("severity", asked.severity, severities, "--severity")
    cells = [
        cell
        for plan in catalog.plans
        if plan.priority_matrix
        for cell in plan.priority_matrix.cells
    ]
    if cells:
        check_known("impact", asked.impact, (impact for impact, _ in cells), "--impact")
        check_known("urgency", asked.urgency, (urgency for _, urgency in cells), "--urgency")
    check_known("channel", asked.channel, _channels(catalog.plans), "--channel")
    kinds = (kind for plan in catalog.plans for kind in plan.kinds)
    check_known("kind of request", asked.kind, kinds, "--kind")
    for condition in asked.condition:
        check_known("condition", condition, {*conditions(facts), OVERAGE_CONSENT}, "--condition")


def _channels(plans: Iterable[Plan]) -> Iterable[str]:
    return (channel for plan in plans for channel in plan.channels)


def conditions(facts: Facts) -> frozenset[str]:
    """Return every condition on which a right or a target of the facts depends."""
    found = [right.conditions for plan in facts.catalog.plans for right in plan.rights]
    for policy in facts.policies.values():
        found += [target.conditions for target in policy.targets]
    return frozenset().union(*found)
