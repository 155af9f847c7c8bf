"""Webhooks: signed messages to a URL, and the check of their signature.

Start with `WebhookSender`, which `relay` takes as `publish`; receivers start with
`verify_signature`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.adapters.webhooks.deliveries import deliver_waiting, read_secrets
    from entitlements.adapters.webhooks.sender import WebhookSender
    from entitlements.adapters.webhooks.signatures import signed_headers, verify_signature
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "deliveries": ("deliver_waiting", "read_secrets"),
            "sender": ("WebhookSender",),
            "signatures": ("signed_headers", "verify_signature"),
        },
    )

__all__ = [
    "WebhookSender",
    "deliver_waiting",
    "read_secrets",
    "signed_headers",
    "verify_signature",
]
