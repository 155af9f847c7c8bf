"""Cases of the corpus from published sources: worked cases of helpdesks, and published plans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from tests.testing.conformance.expected import clocks
from tests.testing.shipped_promises import shipped_promises, whole_document

from entitlements.documents import parse_facts
from entitlements.kernel.instants import text_of, utc
from entitlements.sla import Event
from entitlements.testing.promises import ExpectedAnswer, PromiseCase
from entitlements.testing.promises.cases import NONE

DAY = "2026-03-02"
PRESETS = Path(__file__).with_name("presets.yaml")
_DETAILS = {"paused": "reason", "severity_changed": "severity"}


def preset_groups() -> Iterator[dict[str, Any]]:
    """Yield a group for each worked case; the walk through the case agrees with its source."""
    for told in yaml.safe_load(PRESETS.read_text(encoding="utf-8")):
        document = _preset_document(told)
        severity = document["plans"][0]["severities"][0]
        events = [_event(each) for each in told.get("events", ())]
        expect = dict(told["expect"])
        expect["due"] = {name: _at(at) for name, at in expect["due"].items()}
        policy = parse_facts(json.dumps(document), format="json").policies["case"]
        opened = Event.opened(_at(told["at"]), severity=severity, channel="web")
        walked = clocks(policy, [opened, *(Event(**each) for each in events)])
        for key, wanted in expect.items():
            assert wanted.items() <= walked[key].items(), (told["name"], walked)
        asked = {"id": "R-1", "customer": "acme", "contact": "dana", "product": "db",
                 "severity": severity, "channel": "web"}  # fmt: skip
        case = {"name": told["name"], "request": asked, "at": _at(told["at"])}
        if events:
            case["events"] = events
        yield {"name": f"preset {told['preset']}", "source": told["source"], "document": document,
               "cases": [{**case, "expect": expect}]}  # fmt: skip


def _preset_document(told: dict[str, Any]) -> dict[str, Any]:
    within = told["within"]
    severities = [s for each in within.values() if isinstance(each, dict) for s in each] or ["any"]
    return {
        "calendars": [{"name": "desk", "zone": told.get("zone", "UTC"), "week": told["hours"]}],
        "products": ["db"],
        "groups": ["dba"],
        "policies": [{"id": "case", "hours": "desk", "clock": told["preset"], **within}],
        "plans": [{"id": "case", "policy": "case", "severities": severities, "channels": ["web"],
                   "rights": [{"id": "dba", "group": "dba"}]}],
        "accounts": [{"customer": "acme", "contracts": [
            {"id": "C-1", "zone": "UTC", "start": "2019-01-01", "months": 120, "any_contact": True,
             "lines": [{"id": "1", "plan": "case"}]}]}],
    }  # fmt: skip


def _at(clock: str) -> str:
    return text_of(utc(f"{clock}Z" if "T" in clock else f"{DAY}T{clock}Z"))


def _event(told: dict[str, str]) -> dict[str, Any]:
    (kind, at), *more = told.items()
    return {"kind": kind, "at": _at(at), **dict(more)}


def plan_groups() -> Iterator[dict[str, Any]]:
    """Yield what the published plans of the demo promise, as its promise file says it."""
    cases = [_promised(each) for each in shipped_promises().cases]
    plain = json.loads(json.dumps(yaml.safe_load(whole_document()), default=_plain))
    source = "what vendors publish, as the promises of the demo state it"
    yield {"name": "published plans", "source": source, "document": plain, "cases": cases}


def _plain(value: Any) -> str:
    return text_of(utc(value)) if hasattr(value, "hour") else str(value.isoformat())


def _promised(case: PromiseCase) -> dict[str, Any]:
    asked = {
        name: value
        for name, value in case.request.to_dict().items()
        if name != "schema_version" and value
    }
    found: dict[str, Any] = {"name": case.name, "request": asked, "at": text_of(case.at)}
    if case.events:
        found["events"] = [_event_data(each) for each in case.events]
    return {**found, "expect": _expected(case.expected)}


def _event_data(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": event.kind.value, "at": text_of(event.at)}
    for name in ("severity", "reason", "name"):
        if getattr(event, name) is not None:
            found[name] = getattr(event, name)
    return {**found, **({"conditions": sorted(event.conditions)} if event.conditions else {})}


def _expected(answer: ExpectedAnswer) -> dict[str, Any]:
    found: dict[str, Any] = {"decision": answer.decision.value}
    if answer.reasons:
        found["reasons"] = sorted(each.value for each in answer.reasons)
    if answer.opens_at is not None:
        found["opens_at"] = text_of(answer.opens_at)
    for name in ("group", "contract", "plan", "right", "agent", "charge"):
        value = getattr(answer, name)
        if value is not None:
            found[name] = None if value == NONE else str(value)
    if answer.due:
        found["due"] = {
            name: None if at is None else text_of(at) for name, at in answer.due.items()
        }
    if answer.state:
        found["state"] = {name: each.value for name, each in answer.state.items()}
    return found
