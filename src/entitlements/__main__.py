"""Lets `python -m entitlements` do what `entitlements` does."""

import sys

from entitlements.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
