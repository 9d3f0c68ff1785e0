"""A lab's addresses, and what the command `env` prints."""

import pytest

from include.lab import catalogue, object_gate, object_store
from include.lab.plan import Plan
from include.settings import (
    AgentSettings,
    AirflowSettings,
    FaultProxySettings,
    JournalDatabaseSettings,
    LocalSiteSettings,
    ObjectGateSettings,
    ObjectStoreSettings,
    ProxiedServers,
    WarehouseSettings,
    WebappSettings,
)


def test_the_environment_describes_the_lab(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every settings class reads back what the plan says."""
    for name, value in plan.environment().items():
        monkeypatch.setenv(name, value)
    assert WarehouseSettings.from_environment() == plan.warehouse()
    assert JournalDatabaseSettings.from_environment() == plan.journal_database()
    assert ObjectStoreSettings.from_environment() == plan.object_store()
    assert ObjectGateSettings.from_environment() == plan.object_gate()
    assert AgentSettings.from_environment() == plan.agent()
    assert AirflowSettings.from_environment() == plan.airflow()
    assert LocalSiteSettings.from_environment() == plan.site()
    assert FaultProxySettings.from_environment() == plan.fault_proxy()
    assert WebappSettings.from_environment() == plan.webapp()


def test_the_environment_does_not_mark_its_reader_as_the_labs(plan: Plan) -> None:
    """A shell that evaluates `chaos-control env` must survive `down`."""
    assert "CHAOS_CONTROL_LAB_ID" not in plan.environment()


def test_only_the_agent_may_administer_the_warehouse(plan: Plan) -> None:
    """Its environment has the superuser's password; nobody else's has, nor has what `chaos-control env` prints."""
    password = plan.warehouse_admin().password.get_secret_value()
    knowing = [
        component.name
        for component in catalogue.components(plan, frozenset(catalogue.NAMES))
        if password in " ".join([*component.environment.values(), *component.command])
    ]
    assert knowing == ["agent"]
    assert password not in plan.environment().values()
    assert plan.warehouse_admin().port == plan.ports["warehouse"]


def test_the_agent_has_a_login_of_its_own(plan: Plan) -> None:
    """What it does in Airflow is told from what people do."""
    (agent,) = (found for found in catalogue.components(plan, frozenset(catalogue.NAMES)) if found.name == "agent")
    assert agent.environment["CHAOS_AIRFLOW_USER"] == plan.airflow_of_agent().user != plan.airflow().user


def test_the_gate_stands_before_the_server(plan: Plan) -> None:
    """Its health and the gate's own way to it are no concern of the gate's rules."""
    (server,) = object_store.components(plan)
    (gate,) = object_gate.components(plan)
    assert gate.environment["CHAOS_OBJECT_GATE_UPSTREAM"] == f"http://127.0.0.1:{server.port}"


def test_clients_go_through_the_fault_proxy(plan: Plan) -> None:
    """The addresses that they are given are those on which it listens; behind them are the servers' own."""
    ways = {proxy.name: (proxy.listen, proxy.upstream) for proxy in plan.proxied().proxies}
    assert ways["warehouse"] == (f"127.0.0.1:{plan.warehouse().port}", f"127.0.0.1:{plan.ports['warehouse']}")
    assert ways["webapp"] == (plan.webapp().url.removeprefix("http://"), f"127.0.0.1:{plan.ports['webapp']}")
    listen, upstream = ways["object_store"]
    assert (f"http://{listen}", f"http://{upstream}") == (
        plan.object_store().endpoint,
        plan.url("object_gate"),
    )


def test_the_fault_proxy_reads_its_servers_from_its_environment(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the lab writes them."""
    for name, value in plan.proxied().to_environment().items():
        monkeypatch.setenv(name, value)
    assert ProxiedServers.from_environment() == plan.proxied()


def test_the_control_database_is_not_the_warehouse(plan: Plan) -> None:
    """The journal survives what is done to the warehouse."""
    assert plan.journal_database().port != plan.warehouse().port
