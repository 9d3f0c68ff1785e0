"""The layers that can carry a struck run on, from the innermost to the outermost. Pure."""

from enum import StrEnum


class Layer(StrEnum):
    """Who did the recovering. The first two mend what was struck, the others the pipeline's own work."""

    SUPERVISOR_RESTART = "supervisor_restart"
    DATABASE_RECOVERY = "database_recovery"
    CLIENT_RECONNECT = "client_reconnect"
    SPARK_TASK_RETRY = "spark_task_retry"
    STAGE_RESUBMISSION = "stage_resubmission"
    EXECUTOR_REPLACED = "executor_replaced"
    AIRFLOW_RETRY = "airflow_retry"
    PERSON = "person"
    NOBODY = "nobody"


PIPELINES_OWN = (
    Layer.CLIENT_RECONNECT,
    Layer.SPARK_TASK_RETRY,
    Layer.STAGE_RESUBMISSION,
    Layer.EXECUTOR_REPLACED,
    Layer.AIRFLOW_RETRY,
    Layer.PERSON,
)
"""Layers that do the work again, each around the one before; the outermost that acted is the one that saved."""

WORDS = {
    Layer.SUPERVISOR_RESTART: "the supervisor started it again",
    Layer.DATABASE_RECOVERY: "the database recovered from its log",
    Layer.CLIENT_RECONNECT: "clients waited, connected or asked again",
    Layer.SPARK_TASK_RETRY: "Spark ran tasks again",
    Layer.STAGE_RESUBMISSION: "Spark submitted a stage again",
    Layer.EXECUTOR_REPLACED: "Spark replaced an executor",
    Layer.AIRFLOW_RETRY: "Airflow tried a task again",
    Layer.PERSON: "a person stepped in",
    Layer.NOBODY: "nobody",
}
