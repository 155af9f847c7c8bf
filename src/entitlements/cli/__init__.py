"""Command line: one file for each command; `entitlements` is `python -m entitlements`.

Start reading at `main`, go on to the commands (`demo`, `check`, `decide`, `work`, `schema`).
"""
