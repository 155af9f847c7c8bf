"""Runs the command line: `python -m entitlements` is `entitlements`."""

import sys

from entitlements.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
