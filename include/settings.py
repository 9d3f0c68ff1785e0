"""Where things are, read from the environment when asked for, never at import.

Each class reads variables with its prefix (`SCALE_WAREHOUSE_HOST`, ...). Inside Airflow the same values
come from connections of the same names (`scale_warehouse`, ...); see `include.orchestration.connections`.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.errors import ConfigurationError

REPO_ROOT = Path(__file__).resolve().parent.parent

LAB_ID_VARIABLE = "CHAOS_CONTROL_LAB_ID"
"""Marks each process of a lab in its environment, to be found by whatever became of its parent."""


class _FromEnvironment(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    @classmethod
    def from_environment(cls, prefix: str | None = None) -> Self:
        """Read every field from the environment; raise `ConfigurationError` naming the variables that are wrong."""
        prefix = cls.model_config.get("env_prefix", "") if prefix is None else prefix
        try:
            return cls(_env_prefix=prefix)
        except ValidationError as error:
            problems = "; ".join(f"{prefix}{'_'.join(map(str, e['loc']))}: {e['msg']}".upper() for e in error.errors())
            raise ConfigurationError(
                f"the environment does not describe {cls.__name__}: {problems}. "
                "`chaos-control env` prints the variables of a running lab."
            ) from error

    def to_environment(self, prefix: str | None = None) -> dict[str, str]:
        """Give the variables from which `from_environment` reads this same value; secrets are in clear."""
        prefix = self.model_config.get("env_prefix", "") if prefix is None else prefix
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        return {(prefix + name).upper(): _as_variable(value) for name, value in plain.items() if value is not None}


def _as_variable(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return json.dumps([part.model_dump() for part in value if isinstance(part, BaseModel)])
    return str(value)


class _PostgresSettings(_FromEnvironment):
    host: str
    port: int
    dbname: str
    user: str
    password: SecretStr

    def connect_arguments(self) -> dict[str, str | int]:
        """Keyword arguments for `psycopg.connect`."""
        return {
            "host": self.host,
            "port": self.port,
            "dbname": self.dbname,
            "user": self.user,
            "password": self.password.get_secret_value(),
        }


class WarehouseSettings(_PostgresSettings):
    """The PostgreSQL in which pipelines land rows."""

    model_config = SettingsConfigDict(env_prefix="SCALE_WAREHOUSE_")

    @classmethod
    def named(cls, connection: str) -> Self:
        """Read the warehouse of that name: `orders_warehouse` has variables `ORDERS_WAREHOUSE_HOST`, ..."""
        return cls.from_environment(prefix=f"{connection}_".upper())


class WarehouseAdminSettings(_PostgresSettings):
    """The warehouse's own address and its superuser, in the pipeline's database; for the agent alone."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_WAREHOUSE_ADMIN_")


class JournalDatabaseSettings(_PostgresSettings):
    """The PostgreSQL that mirrors journals; never the warehouse."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_JOURNAL_")


class ObjectStoreSettings(_FromEnvironment):
    """The S3 server that holds the songs."""

    model_config = SettingsConfigDict(env_prefix="SCALE_S3_")

    endpoint: str
    access_key_id: str
    secret_access_key: SecretStr
    region: str = "us-east-1"


class ObjectGateSettings(_FromEnvironment):
    """Where the gate before the S3 server takes its rules, and with which token."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_OBJECT_GATE_")

    url: str
    token: SecretStr


class ObjectGateServerSettings(_FromEnvironment):
    """Between what the gate stands: where clients come to, and the server behind it."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_OBJECT_GATE_")

    listen: str
    upstream: str


class ScaleSettings(_FromEnvironment):
    """How the Scale pipeline cuts its work and how long it waits for its servers; all have defaults."""

    model_config = SettingsConfigDict(env_prefix="SCALE_", frozen=True, extra="ignore")

    least_partition_objects: int = Field(
        default=16, gt=0, description="objects that an extraction task reads, at least"
    )
    most_partition_objects: int = Field(default=512, gt=0, description="objects that an extraction task reads, at most")
    least_partition_sets: int = Field(default=64, gt=0, description="distinct sets that a scoring task takes, at least")
    score_partitions: int = Field(default=16, gt=0, description="scoring tasks, if there are enough sets")
    recall_check_sets: int = Field(
        default=100_000, ge=0, description="distinct sets up to which minhash is held against the exact join"
    )
    speculation: bool = Field(
        default=True,
        description="start a task that is much slower than the others a second time; only where landing is fenced",
    )
    gets_in_flight: int = Field(default=64, gt=0, description="concurrent GETs of one extraction task")
    object_bytes_limit: int = Field(
        default=16 * 2**20, gt=0, description="objects larger than this are quarantined, not fetched"
    )
    patience: timedelta = Field(default=timedelta(seconds=30), description="wait for a server that is away or refuses")
    etags_are_digests: bool = Field(default=True, description="hold contents against ETags that look like MD5 digests")


class OrdersSettings(_FromEnvironment):
    """When the pipeline of hourly orders runs by itself."""

    model_config = SettingsConfigDict(env_prefix="ORDERS_")

    schedule: str = Field(default="@hourly", description="as Airflow writes schedules; empty for never")


class AgentSettings(_FromEnvironment):
    """The agent's address and token."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_AGENT_")

    url: str
    token: SecretStr


class AgentHomeSettings(_FromEnvironment):
    """The agent's own folder, in which its journals lie."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_AGENT_")

    home: Path


class FailpointSettings(_FromEnvironment):
    """The folder through which a pipeline's processes take orders at failpoints; without it they never look."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_FAILPOINTS_")

    home: Path | None = None


class TwinSettings(_FromEnvironment):
    """The folder in which the rows of undisturbed runs are kept, to hold those of disturbed ones against."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_TWINS_")

    home: Path | None = None


class SparkRecordSettings(_FromEnvironment):
    """The folder of Spark's event logs; without it nobody knows what Spark ran again."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_SPARK_")

    event_logs: Path | None = None


class FaultProxySettings(_FromEnvironment):
    """The fault proxy's API and its token, of which a real Toxiproxy knows nothing."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_FAULT_PROXY_")

    url: str
    token: SecretStr


class ProxiedServer(BaseModel):
    """One server behind the fault proxy, by the name of its component."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    listen: str = Field(description="host:port that clients are given")
    upstream: str = Field(description="host:port of the server, or of whatever else stands before it")


class ProxiedServers(_FromEnvironment):
    """What the fault proxy stands in front of when it starts (as JSON)."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_FAULT_PROXY_")

    proxies: tuple[ProxiedServer, ...]


class GuardrailSettings(_FromEnvironment):
    """What an agent may touch outside the lab, and call anywhere: nothing, unless it is listed (as JSON arrays)."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_GUARDRAIL_")

    allowed_platforms: frozenset[str] = Field(default=frozenset(), description="platforms beside the lab's own `local`")
    allowed_targets: frozenset[str] = Field(default=frozenset(), description="components that may be struck there")
    allowed_modules: frozenset[str] = Field(
        default=frozenset(), description="Python modules whose functions faults may call, with those below them"
    )


class AirflowSettings(_FromEnvironment):
    """Airflow's REST API, as the agent and the command line use it."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_AIRFLOW_")

    url: str
    user: str
    password: SecretStr


class WebappSettings(_FromEnvironment):
    """The recommender, as whoever asks it sees it."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_WEBAPP_")

    url: str
    user: str
    password: SecretStr


class WebappServerSettings(_FromEnvironment):
    """Where the recommender listens, and in how many processes."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_WEBAPP_")

    listen: str = Field(description="host:port")
    workers: int = Field(default=2, ge=1)


class SiteComponent(BaseModel):
    """One supervised process of a site: instance `name` of the component that targets name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="unique, and the name of the supervised program, e.g. `spark_worker_2`")
    component: str = Field(description="what targets name, e.g. `spark_worker`")
    port: int | None = Field(description="loopback port on which it listens, if any")
    node: str = Field(description="the node on which it runs, e.g. `node_1`; what is on one node is lost together")
    hold_file: Path = Field(description="while this file holds a deadline in the future, the process is not started")
    script: str = Field(description="the argument by which the program is started, before it becomes the server")
    data_folder: Path | None = Field(default=None, description="where it keeps what outlives it, if anything")


class LocalSite(BaseModel):
    """What the local platform must know of a lab; written by the lab, without secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lab_id: str
    home: Path
    supervisor_url: str
    components: tuple[SiteComponent, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a site file; raise `ConfigurationError` when it is missing or malformed."""
        try:
            return cls.model_validate_json(path.read_text())
        except FileNotFoundError as error:
            raise ConfigurationError(f"{path}: no such site file. Is the lab up? Try `chaos-control up`.") from error
        except ValidationError as error:
            raise ConfigurationError(f"{path}: not a site file: {error}. `chaos-control up` rewrites it.") from error


class LocalSiteSettings(_FromEnvironment):
    """Where the local platform finds its site file and the supervisor's password."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_SITE_")

    file: Path
    supervisor_user: str
    supervisor_password: SecretStr
