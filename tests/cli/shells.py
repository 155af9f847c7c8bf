"""How the tests start the program: as a shell does, in a separate process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parents[2] / "src" / "entitlements" / "cli" / "shipped" / "demo.yaml"


def entitlements(
    *words: str, stdin: bytes = b"", cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run one command; `environment` is added to that of the tests."""
    return subprocess.run(
        [sys.executable, "-m", "entitlements", *words],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=60,
    )
