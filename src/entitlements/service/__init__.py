"""Do it? The desk: facts read, decided, written and told, one transaction a command.

Start reading at `commands` and `replies`, go on to `desk` and `turns`, then `admission` with
`evidence`, `consumption` and `notices`, `handovers`, `casework` and `sweeping`; then `audit` and
`replay`; end at `worker`.
"""

from entitlements.service.audit.chain import Broken, Intact, Verdict, seal, verify
from entitlements.service.cases.notices import Notice, NoticeKind
from entitlements.service.cases.timeouts import Swept
from entitlements.service.commands import (
    Accept,
    Admit,
    Cancel,
    CommandKind,
    Decline,
    DeskCommand,
    Offer,
    RecordEvent,
    Reopen,
    Resolve,
    Transfer,
)
from entitlements.service.desk import Desk
from entitlements.service.failures import Failure, ItemKind
from entitlements.service.replay import Replayed
from entitlements.service.replies import Reply, Result
from entitlements.service.transaction import Rules
from entitlements.service.worker import Round, Worker

__all__ = [
    "Accept",
    "Admit",
    "Broken",
    "Cancel",
    "CommandKind",
    "Decline",
    "Desk",
    "DeskCommand",
    "Failure",
    "Intact",
    "ItemKind",
    "Notice",
    "NoticeKind",
    "Offer",
    "RecordEvent",
    "Reopen",
    "Replayed",
    "Reply",
    "Resolve",
    "Result",
    "Round",
    "Rules",
    "Swept",
    "Transfer",
    "Verdict",
    "Worker",
    "seal",
    "verify",
]
