"""Writing facts as one document, always in the same form: `write_facts`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import attrs

from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.documents.formats.files import Format
from entitlements.documents.formats.yaml_reader import NUMBER, is_unbalanced, load_yaml
from entitlements.documents.hours.business_hours import write_calendars, write_context
from entitlements.documents.hours.calendars import shared_holiday_sets
from entitlements.documents.plans.milestone_tables import MILESTONES
from entitlements.documents.plans.own_prices import PRICE_SECTIONS
from entitlements.documents.sections.document_parts import PRECEDENCE, SHAPES, VERSION
from entitlements.documents.sections.plans.plans import own_policy
from entitlements.documents.sections.records.after_sales import RECORD_SECTIONS, SECTION_OF
from entitlements.documents.sections.roster import ROSTER
from entitlements.documents.sections.routing import ROUTING
from entitlements.documents.shapes.scalars import FlowMapping, Plain
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.ports.service_records.service_record import RecordValue
from entitlements.service.records.imported import record_values
from entitlements.sla.policy import SlaPolicy

_WIDTH: Final = 100
_INDENT: Final = 24


def write_facts(
    facts: Facts, *, records: Iterable[RecordValue] = (), format: Format = "yaml"
) -> str:
    """Return a document from which equal facts are read.

    The form is canonical: defaults are left out, instants are in UTC, a policy that belongs to one
    plan is inside it, and writing the facts that were read from it gives the same text.

    >>> from entitlements.contracts.products import Product
    >>> print(write_facts(Facts(catalog=Catalog(products=[Product(id="db")]))), end="")
    schema_version: 1
    products: [db]

    Args:
        facts: The facts.
        records: Outages, maintenance, surveys, complaints and sent notices, which `read_documents`
            returns.
        format: `yaml` or `json`.

    Raises:
        InvalidValueError: A value has no form in a document, such as hours of a custom class, or
            there is no such format.
        DocumentError: PyYAML is needed and not installed.
    """
    data = document_data(instance_of(Facts, facts), records=records)
    return document_text(data, format)


def document_text(document: Plain, format: Format) -> str:
    """Return a document as YAML or JSON.

    Raises:
        InvalidValueError: There is no such format.
        DocumentError: PyYAML is needed and not installed.
    """
    if format == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if format != "yaml":
        raise InvalidValueError(f"`{format}` is not a format", hint="use `yaml` or `json`")
    text: str = load_yaml("<text>").dump(
        document, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    return text


def document_data(
    facts: Facts, tenant: str | None = None, records: Iterable[RecordValue] = ()
) -> dict[str, Plain]:
    """Return the document as mappings, lists, text, numbers and truth values.

    Args:
        facts: The facts.
        tenant: Id of the tenant whose facts they are; None to leave it out.
        records: Outages, maintenance, surveys, complaints and sent notices.
    """
    catalog = facts.catalog
    sets = shared_holiday_sets(catalog.calendars.values())
    out = attrs.evolve(write_context(catalog.calendars), holiday_sets=sets)
    plans = _plans(facts)
    inside = {policy.id for _, policy in plans if policy is not None}
    order = catalog.precedence
    named = {name for each in facts.policies.values() for name in each.milestones}
    parts: dict[str, Any] = {
        "holidays": list(sets.values()),
        "milestones": sorted(named.difference(MILESTONES)),
        "services": catalog.services,
        "products": catalog.products,
        "groups": catalog.groups,
        "policies": [each for id, each in facts.policies.items() if id not in inside],
        "plans": plans,
        "agents": list(facts.roster.agents.values()),
        "on_call": list(facts.roster.on_call.values()),
        "accounts": list(facts.accounts.values()),
        **{name: [*getattr(facts.prices, name).values()] for name in PRICE_SECTIONS},
        "billing_accounts": list(facts.billing_accounts.values()),
        "notice_clauses": list(facts.notice_clauses),
    }
    parts |= {name: [] for name in RECORD_SECTIONS}
    for each in record_values(records):
        parts[SECTION_OF[type(each)]].append(each)
    written = {name: SHAPES[name].write(part, out) for name, part in parts.items()}
    written["calendars"] = write_calendars(catalog.calendars, out)
    written["precedence"] = PRECEDENCE.write(order, out)
    written["roster"] = ROSTER.write(facts.roster, out)
    written["routing"] = ROUTING.write(facts.routing, out)
    default = order == Catalog().precedence
    left_out = {name for name, part in written.items() if not part and name != "precedence"}
    left_out |= {"precedence"} if default else set()
    kept = {name: written[name] for name in SHAPES if name in written and name not in left_out}
    named_tenant = {} if tenant is None else {"tenant": tenant}
    return {"schema_version": VERSION, **named_tenant, **kept}


def _plans(facts: Facts) -> list[tuple[Plan, SlaPolicy | None]]:
    """Return each plan with the policy that belongs to it alone, if there is one."""
    found = []
    for plan in facts.catalog.plans:
        policy = facts.policies[plan.policy]
        own = policy.id == own_policy(plan.id, plan.version) and _fits(policy, plan)
        found.append((plan, policy if own else None))
    return found


def _fits(policy: SlaPolicy, plan: Plan) -> bool:
    """Return whether the plan has all severities and channels of the policy."""
    return all(
        set(target.severities) <= set(plan.severities) and target.channels <= plan.channels
        for target in policy.targets
    )


@lru_cache(maxsize=1)
def _dumper() -> type:
    """Return PyYAML's safe dumper with other scalars: dates plain, text like a number quoted."""
    yaml = load_yaml("<text>")

    class Dumper(yaml.SafeDumper):  # type: ignore[misc, name-defined] # known at run time only
        yaml_implicit_resolvers: dict[str, Any] = {  # noqa: RUF012 - PyYAML's own name
            letter: [each for each in known if each[0] != "tag:yaml.org,2002:timestamp"]
            for letter, known in yaml.SafeDumper.yaml_implicit_resolvers.items()
        }

        def ignore_aliases(self, data: object) -> bool:
            del data
            return True

        def represent_list(self, data: list[Any]) -> Any:
            flat = not any(isinstance(each, dict | list) for each in data)
            return self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)

        def represent_flow(self, data: dict[str, Any]) -> Any:
            fits = len(json.dumps(data, ensure_ascii=False)) < _WIDTH - _INDENT
            return self.represent_mapping("tag:yaml.org,2002:map", data, flow_style=fits)

        def represent_text(self, data: str) -> Any:
            # Readers fold unusual line ends inside single quotes.
            style = None if data.isprintable() and not is_unbalanced(data) else '"'
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    number = re.compile(rf"(?:{NUMBER.pattern})$", re.ASCII)
    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+0123456789."))
    Dumper.add_representer(list, Dumper.represent_list)
    Dumper.add_representer(FlowMapping, Dumper.represent_flow)
    Dumper.add_representer(str, Dumper.represent_text)
    return Dumper
