"""Pages of the documentation: what commands print, and which files are named."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from entitlements.cli.main import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "entitlements"
BIN = Path(sys.executable).parent
PAGES = ("quickstart.md", "command-line.md", "billing.md", "outcomes.md", "testing.md")


def commands(page: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page and what the page says it prints."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = re.sub(r"\\\n\s+", "", part).partition("\n")
            yield command, printed


def write_files(page: str, folder: Path) -> None:
    """Write the documents of a page whose first line is a comment or caption with a file name."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for begin in (r"yaml\n# (\S+\.yaml)", r"\{code-block\} json\n:caption: (\S+\.json)\n"):
        for name, content in re.findall(rf"^```{begin}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            (folder / name).write_text(content, encoding="utf-8")


@pytest.mark.skipif(
    not ((BIN / "entitlements").exists() and Path("/bin/sh").exists()), reason="needs a shell"
)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_is_printed(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([str(BIN), os.environ.get("PATH", "")]))
    for number, (command, expected) in enumerate(commands(page)):
        # The first is a process; the others run here, because to start Python takes longer.
        printed = by_a_shell(command) if number == 0 else printed_by(command)
        like = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS)
        assert like, f"{command}\nprints\n{printed}\nand not\n{expected}"


def printed_by(command: str) -> str:
    """Return what a command prints; one of the library runs in this process."""
    asked, with_code, _ = command.partition("; echo $?")
    plain, redirected, target = asked.partition(" > ")
    words = shlex.split(plain)
    if words[0] != "entitlements" or set("<>|;$") & set(plain):
        return by_a_shell(command)
    printed = io.StringIO()
    written = io.StringIO() if redirected else printed
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(printed):
        code = main(words[1:])
    if with_code:
        printed.write(f"{code}\n")
    if redirected:
        Path(target).write_text(written.getvalue(), encoding="utf-8")
    return printed.getvalue()


def by_a_shell(command: str) -> str:
    """Return what a command prints in a shell."""
    ran = subprocess.run(
        ["/bin/sh", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return ran.stdout


def test_every_file_that_the_page_about_the_inside_names_exists() -> None:
    page = DOCS / "design" / "inside.md"
    text = page.read_text(encoding="utf-8")
    files = re.findall(r"[a-z_0-9]+(?:/[a-z_0-9]+)+\.py", text)
    folders = re.findall(r"`((?:[a-z_0-9]+/)+)`", text)
    pictures = [page.parent / each for each in re.findall(r"\]\((\.\.[^)]+)\)", text)]
    named = [
        *(
            (ROOT if each.startswith(("benchmarks", "src", "tests")) else SOURCE) / each
            for each in files + folders
        ),
        *pictures,
    ]
    assert len(files) > 40, "the pattern finds the files"
    assert [each for each in named if not each.exists()] == []
