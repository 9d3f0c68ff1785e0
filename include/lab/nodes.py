"""Which component runs on which node: what is on one node is lost together.

All of them are this machine; the grouping is that of a small cluster. Each of the three has a part of Spark, so that
none can be lost unnoticed. What conducts and records experiments is on none of them, nor what faults are put into.
"""

from collections.abc import Mapping

CONTROL = "control"

NODES: Mapping[str, tuple[str, ...]] = {
    "node_1": ("warehouse", "spark_worker_1"),
    "node_2": ("object_store", "webapp", "spark_worker_2"),
    "node_3": (
        "spark_master",
        "airflow_api_server",
        "airflow_scheduler",
        "airflow_dag_processor",
        "airflow_triggerer",
    ),
}


def node_of(name: str) -> str:
    """Give the node of a component; what is named on none is of the control plane."""
    return next((node for node, members in NODES.items() if name in members), CONTROL)
