"""Do it? The desk: facts read, decided, written and told, one transaction a command.

Start reading at `commands` and `replies`, go on to `desk` and `turns`, then `admission` with
`evidence`, `consumption` and `notices`, `handovers`, `casework` and `sweeping`; then `audit` and
`replay`; end at `worker`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.service.audit.chain import (
        ChainBroken,
        ChainIntact,
        ChainVerification,
        next_link,
        verify_chain,
    )
    from entitlements.service.cases.notices import Notice, NoticeKind
    from entitlements.service.cases.timeouts import TimeoutResult
    from entitlements.service.commands import (
        AcceptOffer,
        AdmitRequest,
        CancelCase,
        CommandKind,
        DeclineOffer,
        DeskCommand,
        OfferCase,
        RecordEvent,
        ReopenCase,
        ResolveCase,
        TransferCase,
    )
    from entitlements.service.desk import Desk
    from entitlements.service.failures import Failure, ItemKind
    from entitlements.service.replay import ReplayResult
    from entitlements.service.replies import Reply, ReplyResult
    from entitlements.service.transaction import DeskRules
    from entitlements.service.worker import Worker, WorkerRound
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "audit.chain": (
                "ChainBroken",
                "ChainIntact",
                "ChainVerification",
                "next_link",
                "verify_chain",
            ),
            "cases.notices": ("Notice", "NoticeKind"),
            "cases.timeouts": ("TimeoutResult",),
            "commands": (
                "AcceptOffer",
                "AdmitRequest",
                "CancelCase",
                "CommandKind",
                "DeclineOffer",
                "DeskCommand",
                "OfferCase",
                "RecordEvent",
                "ReopenCase",
                "ResolveCase",
                "TransferCase",
            ),
            "desk": ("Desk",),
            "failures": ("Failure", "ItemKind"),
            "replay": ("ReplayResult",),
            "replies": ("Reply", "ReplyResult"),
            "transaction": ("DeskRules",),
            "worker": ("Worker", "WorkerRound"),
        },
    )

__all__ = [
    "AcceptOffer",
    "AdmitRequest",
    "CancelCase",
    "ChainBroken",
    "ChainIntact",
    "ChainVerification",
    "CommandKind",
    "DeclineOffer",
    "Desk",
    "DeskCommand",
    "DeskRules",
    "Failure",
    "ItemKind",
    "Notice",
    "NoticeKind",
    "OfferCase",
    "RecordEvent",
    "ReopenCase",
    "ReplayResult",
    "Reply",
    "ReplyResult",
    "ResolveCase",
    "TimeoutResult",
    "TransferCase",
    "Worker",
    "WorkerRound",
    "next_link",
    "verify_chain",
]
