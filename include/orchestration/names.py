"""Names that Airflow shows, derived in one place."""


def experiment_dag_id(experiment_id: str) -> str:
    """Name the DAG that conducts an experiment."""
    return f"chaos__{experiment_id}"


def experiment_of_dag(dag_id: str) -> str:
    """Give the experiment that such a DAG conducts."""
    return dag_id.removeprefix(experiment_dag_id(""))


def experiment_run_id(experiment_id: str, dag_run_id: str) -> str:
    """Name one execution of an experiment, after its DAG run."""
    return f"{experiment_id}__{dag_run_id}"


def pipeline_dag_run_id(run_id: str) -> str:
    """Name the pipeline's run that an experiment run disturbs; undisturbed runs never begin like this."""
    return f"chaos__{run_id}"


CONSOLE_AT = "/chaos"
"""Where Airflow's API server serves the console, and its page in Airflow's menu."""
