"""Where in Airflow things of the console are, and where in the console things of Airflow are. Pure."""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote


class Names(Protocol):
    """How the names that Airflow shows are derived."""

    def experiment_dag_id(self, experiment_id: str, /) -> str:
        """Name the DAG that conducts an experiment."""
        ...

    def experiment_run_id(self, experiment_id: str, dag_run_id: str, /) -> str:
        """Name one execution of an experiment, after its DAG run."""
        ...

    def pipeline_dag_run_id(self, run_id: str, /) -> str:
        """Name the pipeline's run that an experiment run disturbs."""
        ...


def experiment_of(dag_id: str, names: Names) -> str | None:
    """Tell which experiment a DAG conducts; None for any other DAG."""
    prefix = names.experiment_dag_id("")
    return dag_id.removeprefix(prefix) if dag_id.startswith(prefix) else None


def run_of(dag_id: str, dag_run_id: str, names: Names) -> str | None:
    """Tell to which experiment run a DAG run belongs: it conducts it, or is disturbed by it; None for any other."""
    if experiment_id := experiment_of(dag_id, names):
        return names.experiment_run_id(experiment_id, dag_run_id)
    prefix = names.pipeline_dag_run_id("")
    return dag_run_id.removeprefix(prefix) if dag_run_id.startswith(prefix) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AirflowPages:
    """Addresses of Airflow's own pages; `root` is where Airflow itself begins."""

    root: str
    names: Names

    def experiment(self, experiment_id: str) -> str:
        """Address the DAG that conducts an experiment."""
        return self.dag(self.names.experiment_dag_id(experiment_id))

    def conducting_run(self, experiment_id: str, experiment_run_id: str) -> str:
        """Address the DAG run that conducts, or conducted, an experiment run."""
        dag_run_id = experiment_run_id.removeprefix(self.names.experiment_run_id(experiment_id, ""))
        return self.dag_run(self.names.experiment_dag_id(experiment_id), dag_run_id)

    def dag(self, dag_id: str) -> str:
        """Address a DAG."""
        return f"{self.root}/dags/{quote(dag_id, safe='')}"

    def dag_run(self, dag_id: str, dag_run_id: str) -> str:
        """Address a DAG run."""
        return f"{self.dag(dag_id)}/runs/{quote(dag_run_id, safe='')}"
