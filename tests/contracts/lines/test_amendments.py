"""Texts of lines and lists of contacts, amendment by amendment."""

from datetime import date

from entitlements.contracts import Amendment, Contract, ContractLine, NamedContact
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.lines.amendments import line_versions, named_contacts
from entitlements.kernel.instants import START_OF_TIME

OLD, NEW, OTHER = (
    ContractLine(id="1", plan="old"),
    ContractLine(id="1", plan="new"),
    ContractLine(id="2", plan="new"),
)
CONTRACT = Contract(id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), lines=[OLD])
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def amendment(day: date, **said: object) -> Amendment:
    """Return an amendment from a day on."""
    return Amendment(id=f"A{day}", contract="C", effective=day, **said)  # type: ignore[arg-type]


def test_a_line_says_one_thing_after_another() -> None:
    amendments = [amendment(MAY, lines=[NEW, OTHER]), amendment(JUNE, removed=["1", "never"])]
    may, june = day_start(MAY, "UTC"), day_start(JUNE, "UTC")
    assert line_versions(CONTRACT, amendments) == {
        "1": [(START_OF_TIME, OLD), (may, NEW), (june, None)],
        "2": [(START_OF_TIME, None), (may, OTHER)],
    }


def test_what_one_amendment_says_of_a_line_first_holds() -> None:
    both = amendment(MAY, lines=[NEW, OLD], removed=["1"])
    assert line_versions(CONTRACT, [both])["1"][-1] == (day_start(MAY, "UTC"), NEW)


def test_contacts_stay_until_they_are_said_anew() -> None:
    dana = (NamedContact(contact="dana"),)
    steps = named_contacts(CONTRACT, [amendment(MAY, contacts=dana), amendment(JUNE)])
    assert (steps.starts, steps.values) == ((START_OF_TIME, day_start(MAY, "UTC")), ((), dana))
