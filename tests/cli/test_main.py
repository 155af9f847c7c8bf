from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.shells import DEMO, entitlements

from entitlements.cli.main import COMMANDS, main


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("entitlements 0.")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in shown] == []


def test_no_command_at_all_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert (out, "usage:" in err) == ("", True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"usage: entitlements {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["chekk"], "no command `chekk` (did you mean `check`?)", id="command"),
        pytest.param(["zzz"], "commands: demo, init, check, show, ", id="nothing like it"),
        pytest.param(
            ["decide", "x", "--custmer", "a"],
            "no option `--custmer` (did you mean `--customer`?)",
            id="option",
        ),
        pytest.param(
            ["decide", "x"],
            "`--channel`, `--at` must be given",
            id="missing options",
        ),
        pytest.param(["check"], "`FILE` must be given", id="missing file"),
        pytest.param(["check", "no-such.yaml"], "`no-such.yaml` cannot be read", id="no file"),
        pytest.param(["demo", "--seed", "x"], "--seed: `x` is not a whole number", id="no number"),
        pytest.param(["demo", "--requests", "0"], "`0` requests", id="no requests"),
        pytest.param(["schema", "answer", "extra"], "`extra` is one argument too", id="too much"),
        pytest.param(
            ["check", "a", "--format", "xml"],
            "`xml` is unknown (one of `text`",
            id="format",
        ),
    ],
)
def test_a_typing_mistake_is_reported_in_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_the_module_is_the_command() -> None:
    asked = ["check", str(DEMO)]
    script = Path(sys.executable).with_name("entitlements")
    if not script.exists():
        pytest.skip("the package is not installed")
    installed = subprocess.run([script, *asked], capture_output=True, check=False, timeout=60)
    module = entitlements(*asked)
    assert (module.returncode, module.stdout, module.stderr) == (
        installed.returncode,
        installed.stdout,
        installed.stderr,
    )


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["decide", str(DEMO), "--customer"], id="no value"),
        pytest.param(["check", "\x00"], id="no file name"),
        pytest.param(["check", "-", "-"], id="standard input twice"),
        pytest.param(["demo", "--seed", "9" * 30, "--requests", "-1"], id="numbers"),
    ],
)
def test_no_mistake_shows_a_traceback(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "Traceback" not in capsys.readouterr().err


def once_opened(pipe: Path, running: subprocess.Popen[bytes]) -> int:
    """Return the other end of `pipe` as soon as the command reads it, so has begun."""
    while running.poll() is None:
        with suppress(OSError):
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    raise AssertionError("the command ended before it read anything")


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
def test_an_interrupted_command_exits_with_130(tmp_path: Path) -> None:
    pipe = tmp_path / "support.yaml"
    os.mkfifo(pipe)
    # Where tests run in the background, interrupts are ignored, and would be by the command.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [sys.executable, "-m", "entitlements", "check", pipe],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        signal.signal(signal.SIGINT, before)
        writer = once_opened(pipe, running)
        running.send_signal(signal.SIGINT)
        try:
            _, err = running.communicate(timeout=30)
        finally:
            running.kill()
            os.close(writer)
    assert (running.returncode, err) == (130, b"entitlements: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_closed_output_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "entitlements", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        err = running.stderr.read()
    assert (running.returncode, err) == (0, b"")
