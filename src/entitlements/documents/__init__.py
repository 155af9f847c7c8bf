"""How are facts written down? As YAML or JSON that people can write and programs can check.

Start reading at `nodes` and `shapes`, go on to `records`, then to the parts (`calendars`,
`catalog`, `policies`, `roster`, `accounts`); end at `read` and `write`.
"""

from entitlements.documents.read import parse_facts, read_facts
from entitlements.documents.write import write_facts

__all__ = ["parse_facts", "read_facts", "write_facts"]
