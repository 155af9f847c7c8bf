"""Texts of lines and lists of contacts, amendment by amendment."""

from datetime import date

from entitlements.contracts import Amendment, Contract, ContractLine, NamedContact
from entitlements.contracts.lines.amendments import line_versions, named_contacts, plan_days
from entitlements.kernel.instants import START_OF_TIME, to_micros, utc

OLD, NEW, OTHER = (
    ContractLine(id="1", plan="old"),
    ContractLine(id="1", plan="new"),
    ContractLine(id="2", plan="new"),
)
CONTRACT = Contract(id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), lines=[OLD])
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
FIRST_OF_MAY, FIRST_OF_JUNE = (to_micros(utc(f"2026-0{n}-01T00:00Z")) for n in (5, 6))


def amendment(day: date, **said: object) -> Amendment:
    """Return an amendment from a day on."""
    return Amendment(id=f"A{day}", contract="C", effective=day, **said)  # type: ignore[arg-type]


def test_a_line_says_one_thing_after_another() -> None:
    amendments = [amendment(MAY, lines=[NEW, OTHER]), amendment(JUNE, removed=["1", "never"])]
    may, june = FIRST_OF_MAY, FIRST_OF_JUNE
    assert line_versions(CONTRACT, amendments) == {
        "1": [(START_OF_TIME, OLD), (may, NEW), (june, None)],
        "2": [(START_OF_TIME, None), (may, OTHER)],
    }


def test_what_one_amendment_says_of_a_line_first_holds() -> None:
    both = amendment(MAY, lines=[NEW, OLD], removed=["1"])
    assert line_versions(CONTRACT, [both])["1"][-1] == (FIRST_OF_MAY, NEW)


def test_a_text_is_sold_on_the_day_on_which_the_line_got_its_plan() -> None:
    """A text that keeps the plan keeps the day, and a line that comes back is sold again."""
    kept = ContractLine(id="1", plan="new", contact_limit=3)
    july, august = date(2026, 7, 1), date(2026, 8, 1)
    amendments = [
        amendment(MAY, lines=[NEW]),
        amendment(JUNE, lines=[kept]),
        amendment(july, removed=["1"]),
        amendment(august, lines=[NEW]),
    ]
    versions = line_versions(CONTRACT, amendments)["1"]
    assert plan_days(CONTRACT, versions) == [CONTRACT.start, MAY, MAY, None, august]


def test_the_day_of_a_sale_is_the_one_in_the_contracts_zone() -> None:
    tokyo = Contract(id="C", customer="acme", zone="Asia/Tokyo", start=date(2026, 1, 1), lines=[])
    versions = line_versions(tokyo, [amendment(MAY, lines=[NEW])])["1"]
    assert plan_days(tokyo, versions) == [None, MAY]


def test_contacts_stay_until_an_amendment_lists_them_again() -> None:
    dana = (NamedContact(contact="dana"),)
    steps = named_contacts(CONTRACT, [amendment(MAY, contacts=dana), amendment(JUNE)])
    assert (steps.starts, steps.values) == ((START_OF_TIME, FIRST_OF_MAY), ((), dana))
