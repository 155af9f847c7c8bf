"""Application that connects the hooks."""

from django.apps import AppConfig


class SupportConfig(AppConfig):
    """Connects the hooks when the models are there."""

    name = "support"

    def ready(self) -> None:
        """Import the hooks, which connects them."""
        from support import hooks  # noqa: F401, PLC0415 - needs the models
