from __future__ import annotations

from hashlib import sha256

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.instants import utc
from entitlements.ports.records import ChainHead
from entitlements.ports.rules.chain_links import (
    content_digest,
    digest_of,
    head_of,
    link_digest,
    next_link,
)

NINE = utc("2026-03-02T09:00Z")
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)


@given(texts, st.integers(0, 2**62), texts)
def test_the_digest_of_a_link_follows_from_the_one_before_its_number_and_its_content(
    previous: str, number: int, body: str
) -> None:
    head = ChainHead(number, previous)
    link = next_link("t", head, at=NINE, kind="admit", subject="R-1", body=body)
    text = f'["t",1772442000000000,"admit","R-1"]\n{body}'
    content = sha256(text.encode()).hexdigest()
    assert content_digest("t", at=NINE, kind="admit", subject="R-1", body=body) == content
    expected = sha256(f"{previous}\n{number + 1}\n{content}".encode()).hexdigest()
    assert link.digest == link_digest(previous, number + 1, content) == expected
    assert digest_of("t", link) == expected
    assert digest_of("u", link) != expected
    assert head_of(link) == ChainHead(number + 1, expected)


def test_every_part_of_a_link_counts() -> None:
    link = next_link("t", ChainHead(), at=NINE, kind="admit", subject="R-1", body="{}")
    changed = [
        attrs.evolve(link, **{name: "x"}) for name in ("kind", "subject", "body", "previous")
    ]
    for other in (attrs.evolve(link, number=2), *changed):
        assert digest_of("t", other) != link.digest
