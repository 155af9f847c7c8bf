"""Spanish for customers, read as a customer reads it."""

from __future__ import annotations

from tests.engine.worlds import facts, request

from entitlements.engine import Engine
from entitlements.engine.explanation.languages.spanish import SPANISH
from entitlements.kernel.instants import utc


def test_a_customer_reads_spanish() -> None:
    answer = Engine(facts()).assess(request(contact="mallory"), utc("2026-03-02T10:00+01:00"))
    text = answer.explain(audience="customer", language=SPANISH, zone="America/Bogota")
    assert text.splitlines()[:4] == [
        (
            "Ha preguntado por db con gravedad S1 el lunes 2 de marzo de 2026, "
            "04:00 -05 (America/Bogota), por este canal: phone."
        ),
        "No podemos aceptar su solicitud tal como está:",
        "  No figura entre las personas que pueden abrir casos con su contrato.",
        "Lo que puede hacer:",
    ]


def test_numbers_have_their_forms() -> None:
    assert [SPANISH.counted("words.hours", count) for count in (1, 24)] == ["1 hora", "24 horas"]
