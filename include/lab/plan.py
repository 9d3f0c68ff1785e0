"""One lab's choices, and the addresses that follow from them."""

from dataclasses import dataclass

from pydantic import SecretStr

from include.lab.credentials import Credentials
from include.lab.layout import HOME_VARIABLE, LabHome
from include.lab.ports import Ports
from include.lab.supervision import USER as SUPERVISOR_USER
from include.lab.supervision import Supervisor
from include.settings import (
    AgentHomeSettings,
    AgentSettings,
    AirflowSettings,
    FailpointSettings,
    FaultProxySettings,
    JournalDatabaseSettings,
    LocalSiteSettings,
    ObjectGateSettings,
    ObjectStoreSettings,
    ProxiedServer,
    ProxiedServers,
    TwinSettings,
    WarehouseAdminSettings,
    WarehouseSettings,
    WebappSettings,
)

LOOPBACK = "127.0.0.1"
DATABASE_ADMIN = "lab_admin"
AIRFLOW_USER = "admin"
AIRFLOW_AGENT_USER = "chaos_agent"
WEBAPP_USER = "listener"
BUCKET = "songs"

PORT_NAMES = (
    "supervisor",
    "warehouse",
    "control_db",
    "object_store",
    "object_gate",
    "object_gate_control",
    "spark_master",
    "spark_master_ui",
    "spark_worker_1",
    "spark_worker_1_ui",
    "spark_worker_2",
    "spark_worker_2_ui",
    "airflow_api_server",
    "agent",
    "fault_proxy",
    "warehouse_proxied",
    "object_store_proxied",
    "webapp",
    "webapp_proxied",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where one lab lives, on which ports, with which secrets."""

    home: LabHome
    ports: Ports
    credentials: Credentials

    def url(self, port_name: str) -> str:
        """Give the HTTP address of a port of this lab."""
        return f"http://{LOOPBACK}:{self.ports[port_name]}"

    def supervisor(self) -> Supervisor:
        """Give a client of this lab's supervisor."""
        secrets = self.credentials
        return Supervisor(lab_id=secrets.lab_id, port=self.ports["supervisor"], password=secrets.supervisor)

    def warehouse(self) -> WarehouseSettings:
        """Describe the warehouse, as the pipeline's own role sees it: through the fault proxy."""
        return WarehouseSettings(
            host=LOOPBACK,
            port=self.ports["warehouse_proxied"],
            dbname="scale",
            user="scale",
            password=SecretStr(self.credentials.warehouse),
        )

    def warehouse_admin(self) -> WarehouseAdminSettings:
        """Describe the warehouse as its superuser sees it; not a part of `environment`, for only the agent may know."""
        return WarehouseAdminSettings(
            host=LOOPBACK,
            port=self.ports["warehouse"],
            dbname="scale",
            user=DATABASE_ADMIN,
            password=SecretStr(self.credentials.warehouse_admin),
        )

    def journal_database(self) -> JournalDatabaseSettings:
        """Describe the database that mirrors journals."""
        return JournalDatabaseSettings(
            host=LOOPBACK,
            port=self.ports["control_db"],
            dbname="chaos_journal",
            user="chaos_journal",
            password=SecretStr(self.credentials.journal_db),
        )

    def object_store(self) -> ObjectStoreSettings:
        """Describe the S3 server, as its clients see it: through the fault proxy, and the gate behind that."""
        return self._object_store_at("object_store_proxied")

    def object_store_itself(self) -> ObjectStoreSettings:
        """Describe the S3 server past everything that stands before it."""
        return self._object_store_at("object_store")

    def fault_proxy(self) -> FaultProxySettings:
        """Describe the fault proxy's API."""
        return FaultProxySettings(url=self.url("fault_proxy"), token=SecretStr(self.credentials.fault_proxy))

    def proxied(self) -> ProxiedServers:
        """Say what the fault proxy stands in front of, by the port that clients are given and the one behind it."""
        return ProxiedServers(
            proxies=(
                self._proxied("warehouse", "warehouse_proxied", upstream="warehouse"),
                self._proxied("object_store", "object_store_proxied", upstream="object_gate"),
                self._proxied("webapp", "webapp_proxied", upstream="webapp"),
            )
        )

    def object_gate(self) -> ObjectGateSettings:
        """Say where the gate takes its rules."""
        token = SecretStr(self.credentials.object_gate)
        return ObjectGateSettings(url=self.url("object_gate_control"), token=token)

    def agent(self) -> AgentSettings:
        """Describe the agent."""
        return AgentSettings(url=self.url("agent"), token=SecretStr(self.credentials.agent))

    def failpoints(self) -> FailpointSettings:
        """Name the folder of the orders for processes that reach failpoints."""
        return FailpointSettings(home=self.home.failpoints)

    def twins(self) -> TwinSettings:
        """Name the folder of the rows that undisturbed runs have landed."""
        return TwinSettings(home=self.home.twins)

    def airflow(self) -> AirflowSettings:
        """Describe Airflow's REST API and a person's login."""
        return self._airflow_as(AIRFLOW_USER, self.credentials.airflow_admin)

    def airflow_of_agent(self) -> AirflowSettings:
        """Describe Airflow's REST API and the agent's login, by which its acts are told from those of people."""
        return self._airflow_as(AIRFLOW_AGENT_USER, self.credentials.airflow_agent)

    def webapp(self) -> WebappSettings:
        """Describe the recommender, as listeners see it: through the fault proxy."""
        return WebappSettings(
            url=self.url("webapp_proxied"),
            user=WEBAPP_USER,
            password=SecretStr(self.credentials.webapp),
        )

    def site(self) -> LocalSiteSettings:
        """Say where the local platform reads what it may act upon."""
        return LocalSiteSettings(
            file=self.home.site_file,
            supervisor_user=SUPERVISOR_USER,
            supervisor_password=SecretStr(self.credentials.supervisor),
        )

    def environment(self) -> dict[str, str]:
        """Give all variables from which `include.settings` reads this lab; secrets are in clear."""
        settings = (
            self.warehouse(),
            self.journal_database(),
            self.object_store(),
            self.object_gate(),
            self.agent(),
            AgentHomeSettings(home=self.home.agent),
            self.failpoints(),
            self.twins(),
            self.airflow(),
            self.site(),
            self.fault_proxy(),
            self.webapp(),
        )
        together = {HOME_VARIABLE: str(self.home.path)}
        for part in settings:
            together |= part.to_environment()
        return together

    def _airflow_as(self, user: str, password: str) -> AirflowSettings:
        return AirflowSettings(url=self.url("airflow_api_server"), user=user, password=SecretStr(password))

    def _proxied(self, component: str, listen: str, *, upstream: str) -> ProxiedServer:
        addresses = {"listen": f"{LOOPBACK}:{self.ports[listen]}", "upstream": f"{LOOPBACK}:{self.ports[upstream]}"}
        return ProxiedServer(name=component, **addresses)

    def _object_store_at(self, port_name: str) -> ObjectStoreSettings:
        return ObjectStoreSettings(
            endpoint=self.url(port_name),
            access_key_id=self.credentials.object_store_key_id,
            secret_access_key=SecretStr(self.credentials.object_store),
        )
