"""Airflow connections as the settings that everything outside Airflow reads from the environment."""

from collections.abc import Mapping
from typing import TypeVar

from airflow.sdk import Connection
from pydantic import ValidationError

from include.errors import ConfigurationError
from include.settings import AgentSettings, JournalDatabaseSettings, ObjectStoreSettings, WarehouseSettings

Settings = TypeVar("Settings", WarehouseSettings, JournalDatabaseSettings, ObjectStoreSettings, AgentSettings)


def warehouse_settings(conn_id: str = "scale_warehouse") -> WarehouseSettings:
    """Read a connection to a PostgreSQL in which a pipeline lands its rows."""
    return _validated(WarehouseSettings, conn_id, _postgres_fields(Connection.get(conn_id)))


def journal_database_settings() -> JournalDatabaseSettings:
    """Read the connection `chaos_journal`."""
    return _validated(JournalDatabaseSettings, "chaos_journal", _postgres_fields(Connection.get("chaos_journal")))


def object_store_settings(conn_id: str = "scale_s3") -> ObjectStoreSettings:
    """Read a connection to an S3 server, whose address is its extra `endpoint_url`."""
    connection: Connection = Connection.get(conn_id)
    extra = connection.extra_dejson
    fields = {
        "endpoint": extra.get("endpoint_url"),
        "access_key_id": connection.login,
        "secret_access_key": connection.password,
        "region": extra.get("region_name", "us-east-1"),
    }
    return _validated(ObjectStoreSettings, conn_id, fields)


def connection_environment(conn_id: str) -> dict[str, str]:
    """Give a PostgreSQL's or an S3 server's connection as variables: `NAME_HOST`, or `NAME_ENDPOINT`, and so on."""
    kind = Connection.get(conn_id).conn_type
    if kind not in ("postgres", "aws"):
        raise ConfigurationError(f"the Airflow connection {conn_id} is of type {kind!r}; expected `postgres` or `aws`")
    settings = warehouse_settings(conn_id) if kind == "postgres" else object_store_settings(conn_id)
    return settings.to_environment(prefix=f"{conn_id}_".upper())


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
