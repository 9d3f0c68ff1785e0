"""Waiting for the agent in the triggerer, where a wait takes no worker's place."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.chaos.agent.client import AgentUnreachableError, AsyncAgentClient
from include.errors import AgentError
from include.orchestration.awaited import Awaited
from include.orchestration.connections import agent_settings_in_trigger
from include.orchestration.waiting import POLL_SECONDS

logger = logging.getLogger(__name__)


class AgentTrigger(BaseTrigger):
    """Looks, and keeps unused leases alive, until what is awaited has come or its round is over.

    Everything it must know is in its arguments, so that a triggerer that comes up again goes on. What it fires says
    nothing but since when the task waits: the task looks for itself.
    """

    def __init__(self, *, run_id: str, awaited: str, began: float, until: float) -> None:
        """Take what `serialize` gives; times are unix seconds."""
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's
        self._run_id = run_id
        self._awaited = Awaited(awaited)
        self._began = began
        self._until = until

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give what Airflow keeps of it: no address and no secret."""
        known = {"run_id": self._run_id, "awaited": str(self._awaited), "began": self._began, "until": self._until}
        return f"{__name__}.{type(self).__name__}", known

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire once."""
        agent = AsyncAgentClient(await agent_settings_in_trigger())
        try:
            while time.time() < self._until and not await self._is_over(agent):  # noqa: ASYNC110  # no event of ours
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await agent.close()
        yield TriggerEvent(self._began)  # type: ignore[no-untyped-call]  # Airflow's

    async def _is_over(self, agent: AsyncAgentClient) -> bool:
        try:
            status = await agent.status(self._run_id)
            if self._awaited is Awaited.STRIKES:
                for strike in status.strikes:
                    await agent.renew(self._run_id, strike.name)
        except AgentUnreachableError as error:
            logger.warning("%s", error)
            return False
        except AgentError:  # a refusal: the task is to hear it
            return True
        return self._awaited.has_come(status)
