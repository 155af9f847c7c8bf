"""Contact limits, computed separately for every instant."""

from hypothesis import given
from hypothesis import strategies as st

from entitlements.access.checks.contact_limits import ContactPeriod, within_contact_limit
from entitlements.kernel.periods.spans import contains

LISTED = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 12), st.integers(0, 12)), max_size=8
)


@given(LISTED, st.sampled_from([None, 1, 2, 3]), st.integers(0, 6), st.integers(6, 12))
def test_the_contacts_listed_first_are_within_the_limit(
    listed: list[tuple[str, int, int]], limit: int | None, start: int, end: int
) -> None:
    periods: dict[str, list[ContactPeriod]] = {}
    for place, (contact, first, last) in enumerate(listed):
        period = ContactPeriod(first, last, place, may_delegate=True)
        periods.setdefault(contact, []).append(period)
    found = within_contact_limit(periods, limit, start, end)
    for at in range(-1, 14):
        running = [c for c, first, last in listed if first <= at < last and start <= at < end]
        expected = set(list(dict.fromkeys(running))[:limit])
        assert {contact for contact, times in found.items() if contains(times, at)} == expected


def test_a_contact_listed_earlier_takes_the_place_when_their_period_begins() -> None:
    found = within_contact_limit(
        {
            "first": [ContactPeriod(3, 6, 0, may_delegate=True)],
            "second": [ContactPeriod(0, 9, 1, may_delegate=True)],
        },
        1,
        0,
        9,
    )
    assert {contact: list(times) for contact, times in found.items()} == {
        "first": [(3, 6)],
        "second": [(0, 3), (6, 9)],
    }


def test_a_contact_period_is_cut_to_a_range() -> None:
    assert ContactPeriod(3, 9, 0, may_delegate=True).within(5, 20) == (5, 9)


def test_five_thousand_contacts_share_a_limit_of_two_thousand() -> None:
    periods = {f"p{n}": [ContactPeriod(n % 97, 200 + n, n, may_delegate=True)] for n in range(5000)}
    found = within_contact_limit(periods, 2000, 0, 9999)
    assert sum(contains(times, 150) for times in found.values()) == 2000
    assert contains(found["p1999"], 150)
    assert not contains(found["p2000"], 150)
