"""What a type checker sees of the public names; checked by mypy, never run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_type

from entitlements.kernel import (
    DuplicateIdError,
    EntitlementsError,
    FrozenMap,
    Request,
    Span,
    from_micros,
    parse_duration,
    to_micros,
    utc,
)

at = datetime.fromisoformat("2026-03-02T09:00+01:00")

assert_type(utc(at), datetime)
assert_type(utc("2026-03-02T09:00Z"), datetime)
assert_type(to_micros(at), int)
assert_type(from_micros(0), datetime)
assert_type(parse_duration("4h"), timedelta)

span = Span(at, "2026-03-02T10:00+01:00")
assert_type(span.start, datetime)
assert_type(span.length, timedelta)
assert_type(span & span, Span | None)
assert_type(at in span, bool)

request = Request(
    id="R-1",
    customer="acme",
    contact="dana",
    product="db",
    severity="S1",
    channel="phone",
    skills={"postgres": 3},
    conditions=["contact-reachable"],
)
assert_type(request.group, str | None)
assert_type(request.skills, FrozenMap[str, int])
assert_type(request.conditions, frozenset[str])

assert_type(DuplicateIdError("plan", "gold").code, str)
assert_type(EntitlementsError("no").hint, str | None)
