"""Commands that test facts, and implementations: `test`, `fuzz`, `conformance`."""
