"""The Chaos Toolkit's journal format, as https://chaostoolkit.org/reference/api/journal/ documents it.

`deviated`, `during` and `chaoslib-version` are not documented, but the library writes them and its tools read them.
"""

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from include.chaos.model import Model, Moment, VerdictValue

FORMAT_VERSION = "1.44.0"
"""The version of chaostoolkit-lib whose journals these are like; reports choose their template by it."""


class JournalStatus(StrEnum):
    """How a run ended; that it was `completed` says nothing of what was found, see `deviated`."""

    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"


class ActivityStatus(StrEnum):
    """How an activity ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


class _Record(Model):
    model_config = ConfigDict(populate_by_name=True)


class RecordedProvider(_Record):
    """A Python function that stands for what was done."""

    type: Literal["python"] = "python"
    module: Literal["include.chaos.interop.recorded"] = "include.chaos.interop.recorded"
    func: str
    arguments: dict[str, JsonValue]


class RecordedActivity(_Record):
    """An action."""

    type: Literal["probe", "action"]
    name: str
    provider: RecordedProvider


class RecordedProbe(RecordedActivity):
    """A probe of the steady state; its tolerance is a function of the value, which is a probe in their words."""

    type: Literal["probe"] = "probe"
    tolerance: RecordedActivity


class RecordedHypothesis(_Record):
    """What normal looked like."""

    title: str
    probes: tuple[RecordedProbe, ...]


class RecordedExperiment(_Record):
    """The experiment that was run."""

    version: Literal["1.0.0"] = "1.0.0"
    title: str
    description: str
    tags: tuple[str, ...]
    steady_state_hypothesis: RecordedHypothesis = Field(alias="steady-state-hypothesis")
    method: tuple[RecordedActivity, ...]
    rollbacks: tuple[RecordedActivity, ...]


class ActivityRun(_Record):
    """What became of an activity; `exception` has a line for each thing that went wrong."""

    activity: RecordedActivity
    status: ActivityStatus
    start: Moment
    end: Moment
    duration: float = Field(description="seconds")
    output: str | None
    exception: tuple[str, ...] = ()


class ProbeRun(ActivityRun):
    """What a probe of the steady state saw."""

    activity: RecordedProbe
    tolerance_met: bool


class SteadyStateOutcome(_Record):
    """Whether the steady state was met, and by which looks."""

    steady_state_met: bool
    probes: tuple[ProbeRun, ...]


class SteadyStates(_Record):
    """The steady state before and after, None where it was not looked at; `during` has the looks that changed."""

    before: SteadyStateOutcome | None
    after: SteadyStateOutcome | None
    during: tuple[SteadyStateOutcome, ...]


class OurVerdict(_Record):
    """What their format has no word for."""

    experiment_run_id: str
    verdict: VerdictValue
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


class ChaosToolkitJournal(_Record):
    """A run of an experiment."""

    chaoslib_version: str = Field(default=FORMAT_VERSION, alias="chaoslib-version")
    experiment: RecordedExperiment
    start: Moment
    end: Moment
    duration: float = Field(description="seconds")
    status: JournalStatus
    deviated: bool
    steady_states: SteadyStates
    run: tuple[ActivityRun, ...]
    rollbacks: tuple[ActivityRun, ...]
    chaos_control: OurVerdict = Field(alias="chaos-control")
