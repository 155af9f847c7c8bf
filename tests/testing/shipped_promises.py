"""The promises of the demo about its document, edited or not, and the customers that they add."""

from __future__ import annotations

import textwrap
from functools import cache

from entitlements.cli.commands.demo import document
from entitlements.testing.promises import PromiseFile, parse_promises

_START, _GIVEN, _CASES = "\nfacts: demo.yaml\n", "given:\n  accounts:\n", "\npromises:\n"


def whole_document(demo: str | None = None) -> str:
    """Return the document of the demo, or `demo`, with the customers of the promise file."""
    added = document("demo.promises.yaml").partition(_GIVEN)[2].partition(_CASES)[0]
    whole = (document() if demo is None else demo).rstrip()
    return f"{whole}\n{textwrap.indent(textwrap.dedent(added), '  ')}\n"


@cache
def shipped_promises() -> PromiseFile:
    """Return the promises, about the document without an edit."""
    head, _, rest = document("demo.promises.yaml").partition(_START)
    given = textwrap.indent(whole_document(), "  ")
    return parse_promises(f"{head}\ngiven:\n{given}{_CASES}{rest.partition(_CASES)[2]}")
