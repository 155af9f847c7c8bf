from datetime import timedelta
from hashlib import sha256

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.desks import MONDAY

from entitlements.kernel.errors import InvalidValueError
from entitlements.ports import ChainHead, DecisionRecord
from entitlements.ports.rules.chain_links import head_of, next_link
from entitlements.service import ChainBroken, ChainIntact, verify_chain


def chain(bodies: list[str], tenant: str = "t") -> list[DecisionRecord]:
    links: list[DecisionRecord] = []
    head = ChainHead()
    for number, body in enumerate(bodies):
        at = MONDAY + timedelta(seconds=number)
        links.append(next_link(tenant, head, at=at, kind="admit", subject=f"R-{number}", body=body))
        head = head_of(links[-1])
    return links


bodies = st.lists(st.text("ab", max_size=3), min_size=1, max_size=8)


@given(bodies)
def test_an_unchanged_chain_is_intact_up_to_its_head(texts: list[str]) -> None:
    links = chain(texts)
    first, last = ChainHead(1, links[0].digest), ChainHead(len(texts), links[-1].digest)
    assert verify_chain("t", links) == ChainIntact(last)
    assert verify_chain("t", links, last) == ChainIntact(last)
    assert verify_chain("t", links[1:], since=first) == ChainIntact(last)


def test_a_link_has_the_digest_of_its_tenant_its_content_and_the_link_before_it() -> None:
    first, second = chain(['{"a":1}', '{"b":2}'])
    at = 1_772_442_000_000_000  # 2026-03-02T09:00Z in microseconds

    def hashed(text: str) -> str:
        return sha256(text.encode()).hexdigest()

    content = hashed(f'["t",{at},"admit","R-0"]\n{{"a":1}}')
    assert first.digest == hashed(f"\n1\n{content}")
    content = hashed(f'["t",{at + 1_000_000},"admit","R-1"]\n{{"b":2}}')
    assert second.digest == hashed(f"{first.digest}\n2\n{content}")


def test_an_empty_chain_is_intact() -> None:
    assert verify_chain("t", []) == ChainIntact(ChainHead())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"body": "other"}, id="body"),
        pytest.param({"at": MONDAY + timedelta(days=9)}, id="instant"),
        pytest.param({"kind": "other"}, id="kind"),
        pytest.param({"subject": "other"}, id="subject"),
        pytest.param({"digest": "f" * 64}, id="digest"),
        pytest.param({"previous": "f" * 64}, id="previous"),
        pytest.param({"number": 17}, id="number"),
    ],
)
@given(bodies, st.data())
def test_an_edited_link_is_found(change: dict[str, object], texts: list[str], data: object) -> None:
    links = chain(texts)
    place = data.draw(st.integers(0, len(links) - 1))  # type: ignore[attr-defined]
    links[place] = attrs.evolve(links[place], **change)
    verdict = verify_chain("t", links)
    assert isinstance(verdict, ChainBroken)
    assert verdict.number in {place + 1, place + 2}


@given(bodies, st.data())
def test_an_edit_with_a_new_link_digest_is_found_at_the_next_link(
    texts: list[str], data: object
) -> None:
    links = chain([*texts, "last"])
    place = data.draw(st.integers(0, len(links) - 2))  # type: ignore[attr-defined]
    before = head_of(links[place - 1]) if place else ChainHead()
    old = links[place]
    links[place] = next_link(
        "t", before, at=old.at, kind=old.kind, subject=old.subject, body="forged"
    )
    assert verify_chain("t", links) == ChainBroken(
        place + 2, "it does not follow the link before it"
    )


@given(bodies, st.data())
def test_a_deleted_a_swapped_and_an_inserted_link_are_found(texts: list[str], data: object) -> None:
    links = chain([*texts, "x", "y"])
    place = data.draw(st.integers(0, len(links) - 2))  # type: ignore[attr-defined]
    without = links[:place] + links[place + 1 :]
    assert isinstance(verify_chain("t", without), ChainBroken)
    swapped = [*links]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert isinstance(verify_chain("t", swapped), ChainBroken)
    assert isinstance(
        verify_chain("t", [*links[:place], links[place], *links[place:]]), ChainBroken
    )


@given(bodies, st.data())
def test_a_truncated_chain_is_found_with_a_head_stored_elsewhere(
    texts: list[str], data: object
) -> None:
    links = chain([*texts, "last"])
    head = head_of(links[-1])
    shorter = links[: data.draw(st.integers(0, len(links) - 1))]  # type: ignore[attr-defined]
    assert isinstance(verify_chain("t", shorter), ChainIntact), "a shorter chain is a chain"
    verdict = verify_chain("t", shorter, head)
    assert verdict == ChainBroken(len(shorter) + 1, "the chain ends before the head that was kept")


def test_a_chain_that_was_rewritten_as_a_whole_is_found_with_any_head_stored_elsewhere() -> None:
    genuine, forged = chain(["a", "b", "c"]), chain(["a", "z", "c"])
    assert isinstance(verify_chain("t", forged), ChainIntact)
    why = "its digest is not the one that was kept"
    assert verify_chain("t", forged, head_of(genuine[1])) == ChainBroken(2, why)
    assert isinstance(verify_chain("t", genuine, head_of(genuine[1])), ChainIntact)


def test_links_of_one_tenant_do_not_verify_as_the_chain_of_another() -> None:
    assert isinstance(verify_chain("other", chain(["a"])), ChainBroken)


def test_a_head_before_the_first_link_cannot_be_reached() -> None:
    links = chain(["a", "b"])
    with pytest.raises(InvalidValueError, match="head `1` is before link `2`"):
        verify_chain("t", [], head_of(links[0]), since=head_of(links[1]))


@pytest.mark.parametrize("place", [0, 1])
def test_links_after_the_kept_head_are_verified_too(place: int) -> None:
    links = chain(["a", "b", "c"])
    head = head_of(links[place])
    assert verify_chain("t", links, head) == ChainIntact(head_of(links[-1]))
    assert verify_chain("t", links[place + 1 :], head, since=head) == ChainIntact(
        head_of(links[-1])
    )
    links[2] = attrs.evolve(links[2], body="forged")
    assert isinstance(verify_chain("t", links, head), ChainBroken)
    assert isinstance(verify_chain("t", links[place + 1 :], head, since=head), ChainBroken)


def test_a_chain_that_goes_on_from_another_link_than_the_kept_one_is_broken_there() -> None:
    links = chain(["a", "b", "c"])
    other = attrs.evolve(head_of(links[0]), digest="f" * 64)
    why = "its digest is not the one that was kept"
    assert verify_chain("t", links, other) == ChainBroken(1, why)
    assert verify_chain("t", links[1:], other, since=head_of(links[0])) == ChainBroken(1, why)
