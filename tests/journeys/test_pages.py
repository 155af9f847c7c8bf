"""What the pages show of the command line is what it prints."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BIN = Path(sys.executable).parent
PAGES = ("quickstart.md", "command-line.md")


def commands(page: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page and what the page says it prints."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = re.sub(r"\\\n\s+", "", part).partition("\n")
            yield command, printed


@pytest.mark.skipif(
    not ((BIN / "entitlements").exists() and Path("/bin/sh").exists()), reason="needs a shell"
)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_is_printed(page: str, tmp_path: Path) -> None:
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    for command, printed in commands(page):
        ran = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        like = doctest.OutputChecker().check_output(printed, ran.stdout, doctest.ELLIPSIS)
        assert like, f"{command}\nprints\n{ran.stdout}\nand not\n{printed}"
