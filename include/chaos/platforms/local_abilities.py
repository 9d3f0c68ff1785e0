"""What can be done on a lab: for each Protocol that a fault kind asks for, what implements it, made when asked for."""

from collections.abc import Callable, Mapping

import psutil

from include.chaos.faults.abilities import (
    BucketWriter,
    FailpointControl,
    NetworkControl,
    ObjectGateControl,
    ProcessControl,
    StopAndGo,
)
from include.chaos.faults.clear_running_task import TaskClearer
from include.chaos.faults.clock_skew import ClockSkewer
from include.chaos.faults.database import (
    ConnectionHolder,
    Crowd,
    ServerSettings,
    SessionEnder,
    TransactionHolder,
)
from include.chaos.faults.duplicate_run import RunDuplicator
from include.chaos.faults.file_descriptor_exhaustion import DescriptorLimiter
from include.chaos.faults.lose_node import NodeControl
from include.chaos.faults.pause import Freezer
from include.chaos.faults.pool_exhaustion import PoolControl
from include.chaos.faults.python import PythonCaller
from include.chaos.faults.restart import Restarter
from include.chaos.faults.stress import Stressor
from include.chaos.faults.task_failure import AttemptFailer
from include.chaos.faults.task_zombie import TaskSilencer
from include.chaos.platforms.airflow import AirflowClient
from include.chaos.platforms.airflow_control import AirflowControl
from include.chaos.platforms.bucket_hands import BucketHands
from include.chaos.platforms.failpoint_board import FailpointBoard
from include.chaos.platforms.fault_proxy import FaultProxy
from include.chaos.platforms.local_clocks import LocalClocks
from include.chaos.platforms.local_limits import LocalLimits
from include.chaos.platforms.local_nodes import LocalNodes
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_stop_and_go import LocalStopAndGo
from include.chaos.platforms.local_stress import LocalStress
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.chaos.platforms.object_gate import ObjectGate
from include.chaos.platforms.postgres_crowd import PostgresConnections, PostgresCrowd, PostgresSessionEnder
from include.chaos.platforms.postgres_server import PostgresServer
from include.chaos.platforms.postgres_settings import PostgresSettings
from include.chaos.platforms.postgres_transactions import PostgresTransactions
from include.chaos.platforms.python_calls import AllowedPython
from include.errors import PlatformError
from include.settings import (
    AirflowSettings,
    FailpointSettings,
    FaultProxySettings,
    GuardrailSettings,
    ObjectGateSettings,
    ObjectStoreSettings,
)


def _failpoints(_supervisor: LocalSupervisor) -> FailpointBoard:
    home = FailpointSettings.from_environment().home
    if home is None:
        raise PlatformError("no folder for failpoints is shared with the pipeline: CHAOS_FAILPOINTS_HOME is not set")
    return FailpointBoard(home)


def _bucket_hands(supervisor: LocalSupervisor) -> BucketHands:
    return BucketHands(supervisor, ObjectStoreSettings.from_environment())


def _object_gate(supervisor: LocalSupervisor) -> ObjectGate:
    return ObjectGate(LocalProcesses(supervisor), ObjectGateSettings.from_environment())


def airflow_control(_supervisor: LocalSupervisor) -> AirflowControl:
    """Give hands in Airflow."""
    return AirflowControl(AirflowClient(AirflowSettings.from_environment()), lives=psutil.pid_exists)


ABILITIES: Mapping[type[object], Callable[[LocalSupervisor], object]] = {
    AttemptFailer: _failpoints,
    BucketWriter: _bucket_hands,
    ClockSkewer: LocalClocks,
    ConnectionHolder: lambda _: PostgresConnections(PostgresServer.from_environment()),
    Crowd: lambda _: PostgresCrowd(PostgresServer.from_environment()),
    DescriptorLimiter: LocalLimits,
    FailpointControl: _failpoints,
    Freezer: LocalProcesses,
    NetworkControl: lambda _supervisor: FaultProxy(FaultProxySettings.from_environment()),
    NodeControl: LocalNodes,
    object: lambda supervisor: supervisor,
    ObjectGateControl: _object_gate,
    PoolControl: airflow_control,
    ProcessControl: LocalProcesses,
    PythonCaller: lambda _: AllowedPython(allowed=GuardrailSettings.from_environment().allowed_modules),
    Restarter: LocalProcesses,
    RunDuplicator: airflow_control,
    ServerSettings: lambda _: PostgresSettings(PostgresServer.from_environment()),
    SessionEnder: lambda _: PostgresSessionEnder(PostgresServer.from_environment()),
    StopAndGo: LocalStopAndGo,
    Stressor: LocalStress,
    TaskClearer: airflow_control,
    TaskSilencer: LocalStopAndGo,
    TransactionHolder: lambda _: PostgresTransactions(PostgresServer.from_environment()),
}
