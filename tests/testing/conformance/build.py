"""Build the corpus from oracles and published sources: `python -m tests.testing.conformance.build`.

The engine is not asked. A test compares the shipped file with what is built.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml
from tests.access.small import REFUSALS, Case
from tests.testing.conformance.clock_options import option_groups, preset_options
from tests.testing.conformance.expected import expected_answer
from tests.testing.conformance.published import plan_groups, preset_groups
from tests.testing.conformance.strategies import strategy_groups

from entitlements import testing
from entitlements.documents import parse_facts
from entitlements.documents.write import document_data
from entitlements.engine.facts import Facts
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.requests import Request
from entitlements.routing import Agent, Roster
from entitlements.sla import SlaPolicy, Target
from entitlements.testing.conformance.corpus import FILE, VERSION

FOLDER = Path(__file__).parent
SHIPPED = Path(testing.__file__).parent / "conformance" / FILE
BY_ORACLES = "oracles: the decision by the guide, clocks by walking through the case"


def build() -> dict[str, Any]:
    """Return the corpus."""
    groups = [
        *_charges(),
        *_reasons(),
        *option_groups(),
        *preset_options(),
        *preset_groups(),
        *strategy_groups(),
        *plan_groups(),
    ]
    return {"version": VERSION, "groups": groups}


def written(corpus: dict[str, Any]) -> str:
    """Return the text of a corpus: of each document what differs from the one before."""
    blocks, before = [], dict[str, Any]()
    for group in corpus["groups"]:
        document = group["document"]
        changes = {key: document.get(key) for key in {**before, **document}
                   if document.get(key) != before.get(key)}  # fmt: skip
        before = document
        head = _json({"name": group["name"], "source": group["source"]})
        cases = ",\n".join(f"  {_json(case)}" for case in group["cases"])
        blocks.append(f'{head[:-1]},\n "changes": {_json(changes)},\n "cases": [\n{cases}\n ]}}')
    return f'{{"version": {corpus["version"]}, "groups": [\n{",".join(blocks)}\n]}}\n'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _charges() -> Iterator[dict[str, Any]]:
    told = yaml.safe_load((FOLDER / "charges.yaml").read_text(encoding="utf-8"))
    document = json.loads(json.dumps(told["document"]))
    document["accounts"] = [
        {
            "customer": each,
            "contracts": [
                {"id": f"C-{each}", "zone": "Europe/Berlin", "start": "2026-01-01", "months": 12,
                 "any_contact": True, "lines": [{"id": "1", "plan": each}]}
            ],
        }
        for each in told["customers"]
    ]  # fmt: skip
    cases = []
    for customer in told["customers"]:
        for severity, at in zip(("S1", "S2", "S1"), told["at"], strict=True):
            asked = {"id": "R-1", "customer": customer, "contact": "dana", "product": "db",
                     "severity": severity, "channel": "phone"}  # fmt: skip
            cases.append((f"{customer} {severity} {_text(at)}", asked, _text(at)))
            if customer == "consent":
                agreed = {**asked, "conditions": ["overage-consent"]}
                cases.append((f"{customer} {severity} {_text(at)}, agreed", agreed, _text(at)))
    yield _group("charges, openings and general groups", document, cases)


def _text(at: Any) -> str:
    return text_of(utc(at))


def _group(
    name: str, document: dict[str, Any], cases: Sequence[tuple[str, dict[str, Any], str]]
) -> dict[str, Any]:
    facts = parse_facts(json.dumps(document), format="json")
    return {
        "name": name,
        "source": BY_ORACLES,
        "document": document,
        "cases": [
            {"name": what, "request": asked, "at": at,
             "expect": expected_answer(facts, Request(**asked), utc(at))}
            for what, asked, at in cases
        ],
    }  # fmt: skip


def _reasons() -> Iterator[dict[str, Any]]:
    """Yield a group for each reason, with the one change by which it denies."""
    yield _reason_group("no reason", Case())
    for reason, make in REFUSALS.items():
        yield _reason_group(reason.value, make())
    yield _reason_group("window_closed", Case(at=utc("2026-03-02T08:59:59Z")))


def _reason_group(name: str, case: Case) -> dict[str, Any]:
    policies = [SlaPolicy(id="gold", targets=[Target(milestone="resolution", within=None)])]
    facts = Facts(
        catalog=case.catalog,
        policies=policies,
        accounts=[] if case.account is None else [case.account],
        roster=Roster(agents=[Agent(id="ada", groups=["dba"]), Agent(id="bob", groups=["desk"])]),
    )
    asked = {
        each.name: getattr(case.request, each.name)
        for each in attrs.fields(Request)
        if getattr(case.request, each.name) and each.name not in {"skills", "conditions"}
    }
    return _group(f"reason {name}", document_data(facts), [(name, asked, text_of(case.at))])


def main() -> None:
    """Write the corpus."""
    text = written(build())
    SHIPPED.write_text(text, encoding="utf-8")
    groups = json.loads(text)["groups"]
    count = sum(len(each["cases"]) for each in groups)
    sys.stdout.write(f"{SHIPPED}: {count} cases in {len(groups)} groups, {len(text):,} bytes\n")


if __name__ == "__main__":
    main()
