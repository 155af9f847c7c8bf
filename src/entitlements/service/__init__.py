"""Desk and worker: commands over a store, each in one transaction, and the record of decisions.

Start with `Desk` and its commands, such as `AdmitRequest`; `Worker` offers waiting work in the
background, `verify_chain` checks the record.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.service.audit.chain import (
        ChainBroken,
        ChainIntact,
        verify_chain,
    )
    from entitlements.service.cases.timeouts import TimeoutResult
    from entitlements.service.commands.commands import (
        AcceptOffer,
        AdmitRequest,
        AdoptCase,
        AssignCase,
        CancelCase,
        DeclineOffer,
        DeskCommand,
        OfferCase,
        RecordEvent,
        ReopenCase,
        ResolveCase,
        SyncCase,
        TransferCase,
    )
    from entitlements.service.commands.record_commands import (
        AcknowledgeNotice,
        AnswerSurvey,
        ClaimCredit,
        CorrectWork,
        IssueStatement,
        LogWork,
        PlanMaintenance,
        RecordComplaint,
        RecordFigure,
        RecordOutage,
        RequestSurvey,
        RetractRecord,
        SendNotice,
    )
    from entitlements.service.commands.replies import Reply, ReplyResult
    from entitlements.service.desk import Desk
    from entitlements.service.failures import Failure
    from entitlements.service.messages.cloud_events import CloudEvent, cloud_event
    from entitlements.service.messages.message_data import MESSAGE_DATA
    from entitlements.service.messages.relay import RelayPolicy, RelayRound, relay
    from entitlements.service.replay import ReplayResult
    from entitlements.service.transaction import DeskRules
    from entitlements.service.worker import Worker, WorkerRound
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "audit.chain": (
                "ChainBroken",
                "ChainIntact",
                "verify_chain",
            ),
            "cases.timeouts": ("TimeoutResult",),
            "commands.commands": (
                "AcceptOffer",
                "AdmitRequest",
                "AdoptCase",
                "AssignCase",
                "CancelCase",
                "DeclineOffer",
                "DeskCommand",
                "OfferCase",
                "RecordEvent",
                "ReopenCase",
                "ResolveCase",
                "SyncCase",
                "TransferCase",
            ),
            "desk": ("Desk",),
            "failures": ("Failure",),
            "messages.message_data": ("MESSAGE_DATA",),
            "messages.cloud_events": ("CloudEvent", "cloud_event"),
            "messages.relay": ("RelayPolicy", "RelayRound", "relay"),
            "commands.record_commands": (
                "AcknowledgeNotice",
                "AnswerSurvey",
                "ClaimCredit",
                "CorrectWork",
                "IssueStatement",
                "LogWork",
                "PlanMaintenance",
                "RecordComplaint",
                "RecordFigure",
                "RecordOutage",
                "RequestSurvey",
                "RetractRecord",
                "SendNotice",
            ),
            "replay": ("ReplayResult",),
            "commands.replies": ("Reply", "ReplyResult"),
            "transaction": ("DeskRules",),
            "worker": ("Worker", "WorkerRound"),
        },
    )

__all__ = [
    "MESSAGE_DATA",
    "AcceptOffer",
    "AcknowledgeNotice",
    "AdmitRequest",
    "AdoptCase",
    "AnswerSurvey",
    "AssignCase",
    "CancelCase",
    "ChainBroken",
    "ChainIntact",
    "ClaimCredit",
    "CloudEvent",
    "CorrectWork",
    "DeclineOffer",
    "Desk",
    "DeskCommand",
    "DeskRules",
    "Failure",
    "IssueStatement",
    "LogWork",
    "OfferCase",
    "PlanMaintenance",
    "RecordComplaint",
    "RecordEvent",
    "RecordFigure",
    "RecordOutage",
    "RelayPolicy",
    "RelayRound",
    "ReopenCase",
    "ReplayResult",
    "Reply",
    "ReplyResult",
    "RequestSurvey",
    "ResolveCase",
    "RetractRecord",
    "SendNotice",
    "SyncCase",
    "TimeoutResult",
    "TransferCase",
    "Worker",
    "WorkerRound",
    "cloud_event",
    "relay",
    "verify_chain",
]
