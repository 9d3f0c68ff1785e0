"""Airflow connections as the settings that everything outside Airflow reads from the environment."""

from collections.abc import Mapping
from typing import TypeVar

from airflow.sdk import Connection
from pydantic import ValidationError

from include.errors import ConfigurationError
from include.settings import AgentSettings, JournalDatabaseSettings, ObjectStoreSettings, WarehouseSettings

Settings = TypeVar("Settings", WarehouseSettings, JournalDatabaseSettings, ObjectStoreSettings, AgentSettings)


def warehouse_settings() -> WarehouseSettings:
    """Read the connection `scale_warehouse`."""
    return _validated(WarehouseSettings, "scale_warehouse", _postgres_fields(Connection.get("scale_warehouse")))


def journal_database_settings() -> JournalDatabaseSettings:
    """Read the connection `chaos_journal`."""
    return _validated(JournalDatabaseSettings, "chaos_journal", _postgres_fields(Connection.get("chaos_journal")))


def object_store_settings() -> ObjectStoreSettings:
    """Read the connection `scale_s3`; the server's address is its extra `endpoint_url`."""
    connection: Connection = Connection.get("scale_s3")
    extra = connection.extra_dejson
    fields = {
        "endpoint": extra.get("endpoint_url"),
        "access_key_id": connection.login,
        "secret_access_key": connection.password,
        "region": extra.get("region_name", "us-east-1"),
    }
    return _validated(ObjectStoreSettings, "scale_s3", fields)


def agent_settings() -> AgentSettings:
    """Read the connection `chaos_agent`; the token is its password."""
    return _agent_settings(Connection.get("chaos_agent"))


async def agent_settings_in_trigger() -> AgentSettings:
    """Read the same where a triggerer's event loop must not be blocked."""
    return _agent_settings(await Connection.async_get("chaos_agent"))


def _agent_settings(connection: Connection) -> AgentSettings:
    scheme = connection.schema or "http"
    fields = {"url": f"{scheme}://{connection.host}:{connection.port}", "token": connection.password}
    return _validated(AgentSettings, "chaos_agent", fields)


def _postgres_fields(connection: Connection) -> dict[str, str | int | None]:
    return {
        "host": connection.host,
        "port": connection.port or 5432,
        "dbname": connection.schema,
        "user": connection.login,
        "password": connection.password,
    }


def _validated(kind: type[Settings], conn_id: str, fields: Mapping[str, str | int | None]) -> Settings:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise ConfigurationError(f"the Airflow connection {conn_id} lacks or has wrong: {wrong}") from None
