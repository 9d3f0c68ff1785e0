"""The console inside Airflow: behind its login, with its permissions, and linked from its pages."""

from collections.abc import Callable
from functools import cache
from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.auth.tokens import get_signing_key
from airflow.api_fastapi.core_api.security import get_user
from airflow.sdk.exceptions import AirflowNotFoundException

from include.chaos.agent.client import LOOK_SECONDS, AgentClient
from include.errors import ConfigurationError
from include.orchestration.connections import agent_settings
from include.settings import AgentSettings


class AirflowAccess:
    """Airflow's own users: who may see DAG runs may look, who may start them may act.

    Both are asked of DAG runs as such, and never of a DAG that the address names: else the right to one DAG would do.
    """

    @property
    def user(self) -> Callable[..., Any]:
        """Give Airflow's own dependency: the cookie of its login, or a bearer token."""
        return get_user

    def name_of(self, user: BaseUser) -> str:
        """Name a user, for the journal."""
        return str(user.get_name())

    def may_look(self, user: BaseUser) -> bool:
        """Tell whether a user may see DAG runs."""
        return bool(get_auth_manager().is_authorized_dag(method="GET", access_entity=DagAccessEntity.RUN, user=user))

    def may_act(self, user: BaseUser) -> bool:
        """Tell whether a user may start DAG runs."""
        return bool(get_auth_manager().is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, user=user))

    def key(self) -> bytes:
        """Give the API server's secret key."""
        return get_signing_key("api", "secret_key").encode()


def connect_agent_to_look() -> AgentClient:
    """Speak to the agent that the connection `chaos_agent` names, over connections that stay open."""
    try:
        return _client(agent_settings())
    except AirflowNotFoundException as error:
        raise ConfigurationError("there is no Airflow connection chaos_agent, which says where the agent is") from error


@cache
def _client(settings: AgentSettings) -> AgentClient:
    return AgentClient(settings, look_seconds=LOOK_SECONDS)
