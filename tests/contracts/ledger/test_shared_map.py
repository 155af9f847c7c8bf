from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.ledger.shared_map import SharedMap

KEYS = st.integers(0, 60)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "pop", "copy"]), KEYS), max_size=300)


def same(found: SharedMap[int, int], expected: dict[int, int]) -> None:
    assert list(found.items()) == list(expected.items())
    assert list(found.values()) == list(expected.values())
    assert len(found) == len(expected)
    assert [found.get(key) for key in range(61)] == [expected.get(key) for key in range(61)]


@given(STEPS)
def test_it_holds_what_a_dictionary_holds_and_so_does_each_earlier_copy(
    steps: list[tuple[str, int]],
) -> None:
    found, expected = SharedMap[int, int](), dict[int, int]()
    copies = [(found.copy(), expected.copy())]
    for number, (step, key) in enumerate(steps):
        if step == "put":
            expected.pop(key, None)  # what is put comes last
            expected[key] = number
            found.put(key, number)
        elif step == "pop":
            assert found.pop(key) == expected.pop(key, None)
        else:
            copies.append((found.copy(), expected.copy()))
    for each in [*copies, (found, expected)]:
        same(*each)


def test_a_copy_shares_nearly_all_of_a_long_map() -> None:
    found = SharedMap[int, int]()
    for key in range(10_000):
        found.put(key, key)
    copy = found.copy()
    copy.put(-1, -1)
    assert copy._base is found._base  # noqa: SLF001 - what is shared shows nowhere else
    assert len(copy._own) <= 101  # noqa: SLF001 - as above
