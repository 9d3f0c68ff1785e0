"""The way from Airflow to the agent: its connection, and how long a silence is borne."""

import logging

from tenacity import before_sleep_log, retry, retry_if_exception_type, stop_after_delay, wait_fixed

from include.chaos.agent.client import AgentClient, AgentUnreachableError
from include.orchestration.connections import agent_settings

logger = logging.getLogger(__name__)

patient = retry(
    retry=retry_if_exception_type(AgentUnreachableError),
    stop=stop_after_delay(90),
    wait=wait_fixed(1),
    before_sleep=before_sleep_log(logger, logging.WARNING),
    reraise=True,
)


def connect_agent() -> AgentClient:
    """Speak to the agent that the connection `chaos_agent` names."""
    return AgentClient(agent_settings())
