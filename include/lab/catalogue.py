"""Everything that a lab is made of."""

from collections.abc import Mapping
from pathlib import Path

from include.errors import LabError
from include.lab import agent, airflow, fault_proxy, object_gate, object_store, postgres, spark, webapp
from include.lab.component import Component
from include.lab.java import find_java
from include.lab.plan import Plan

NAMES = (
    "warehouse",
    "control_db",
    "object_store",
    "object_gate",
    "fault_proxy",
    "spark_master",
    *spark.WORKERS,
    "airflow_api_server",
    "airflow_scheduler",
    "airflow_dag_processor",
    "airflow_triggerer",
    "webapp",
    "agent",
)

SERVERS = frozenset({"warehouse", "control_db", "object_store", "object_gate", "fault_proxy"})
"""Used by the others, so stopped after them."""


def components(plan: Plan, names: frozenset[str]) -> tuple[Component, ...]:
    """Describe the named components, in an order in which each comes after what it needs."""
    if unknown := names - set(NAMES):
        raise LabError(f"no such component: {', '.join(sorted(unknown))}. There are: {', '.join(NAMES)}")
    everything = (
        *postgres.components(plan),
        *object_store.components(plan),
        *object_gate.components(plan),
        *fault_proxy.components(plan),
        *spark.components(plan),
        *airflow.components(plan),
        *webapp.components(plan),
        *agent.components(plan),
    )
    return tuple(component for component in everything if component.name in names)


def install(plan: Plan, environment: Mapping[str, str]) -> None:
    """Write the wrappers and files that components share, and settle which Java they use."""
    postgres.install(plan.home)
    _point(plan.home.java, find_java(plan.home.fetched_java, environment))
    spark.install(plan)


def _point(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)
