"""Custom strategies: the order of a key function of your own program."""

from __future__ import annotations

from typing import Any, final

import attrs

from entitlements.kernel.converters import as_text
from entitlements.kernel.errors import InvalidValueError
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.strategies.strategy import (
    KeyFunction,
    SelectionContext,
    SortKeyPart,
    Strategy,
)


@final
@attrs.frozen
class _CustomKey:
    """Key function of a program; it refuses a value that cannot be compared."""

    name: str
    of: KeyFunction

    def __call__(self, state: AgentState, context: SelectionContext) -> Any:
        """Return the key of the agent."""
        value = self.of(state, context)
        parts = value if isinstance(value, tuple) else (value,)
        if any(part != part for part in parts):  # noqa: PLR0124 - only NaN differs from itself
            raise InvalidValueError(
                f"strategy `{self.name}` gives agent `{state.id}` a key that cannot be compared: "
                f"`{value!r:.100}`",
                hint="use no NaN",
            )
        return value


def custom_strategy(name: str, of: KeyFunction) -> Strategy:
    """Return the strategy of your own key, smaller first, which must be deterministic.

    A live router compares all agents at every choice with it. A key of NaN, which would make the
    choice depend on the order of the roster, is refused at the choice.

    Args:
        name: Name of the strategy.
        of: Function from agent state and selection context to the value compared.

    >>> from entitlements.routing.strategies.named import LONGEST_IDLE
    >>> by_region = custom_strategy("region", lambda state, context: state.agent.region != "eu")
    >>> by_region.then(LONGEST_IDLE).name
    'region, longest_idle'

    Raises:
        InvalidValueError: `name` is not text, or `of` not a function.
    """
    if not callable(of):
        raise InvalidValueError(
            f"`{of!r:.100}` is not a key function", hint="a function of agent state and context"
        )
    return Strategy(name, (SortKeyPart(name, _CustomKey(as_text(name), of)),))
