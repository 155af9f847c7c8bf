"""German for customers, read as a customer reads it."""

from __future__ import annotations

from tests.engine.worlds import facts, request

from entitlements.engine import Engine
from entitlements.engine.explanation.languages.german import GERMAN
from entitlements.kernel.instants import utc


def test_a_customer_reads_german() -> None:
    answer = Engine(facts()).assess(request(), utc("2026-03-07T10:00+01:00"))
    text = answer.explain(audience="customer", language=GERMAN, zone="Europe/Berlin")
    assert text.splitlines()[:5] == [
        (
            "Sie haben am Samstag, 7. März 2026, 10:00 Uhr CET (Europe/Berlin) nach db gefragt, "
            "mit Dringlichkeit S1, auf diesem Weg: phone."
        ),
        (
            "Ihre Anfrage ist angenommen. Unsere Fachleute sind erreichbar ab "
            "Montag, 9. März 2026, 09:00 Uhr CET (Europe/Berlin)."
        ),
        "Was Sie tun können:",
        "  Fragen Sie auf diesem Weg: web.",
        "  Fragen Sie wieder ab Montag, 9. März 2026, 09:00 Uhr CET (Europe/Berlin).",
    ]


def test_numbers_have_their_forms() -> None:
    assert [GERMAN.counted("words.business_days", count) for count in (1, 2)] == [
        "1 Arbeitstag",
        "2 Arbeitstage",
    ]
