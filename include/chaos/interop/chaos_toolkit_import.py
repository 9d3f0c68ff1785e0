"""Turn an experiment of the Chaos Toolkit into ours, and name what has no equal.

Theirs is a sequence: check the steady state, act and pause, check again, roll back. Ours strikes while a pipeline
runs, watches all the while and undoes by itself. So their pauses before an action become the delay after a stage's
start, and an action without an equal becomes a `noop` of its name, whose verdict is never a pass, until somebody puts
a fault there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count

from include.chaos.experiment import Experiment, Hypothesis, SteadyState, Strike
from include.chaos.faults.catalogue import Fault
from include.chaos.faults.kill import Kill
from include.chaos.faults.noop import Noop
from include.chaos.faults.python import Python
from include.chaos.interop.chaos_toolkit_experiment import (
    Activity,
    ChaosToolkitExperiment,
    Foreign,
    Pauses,
    Reference,
    Step,
    is_known,
)
from include.chaos.interop.kill_import import find_kill
from include.chaos.interop.no_equal import NoEqualError, Unmapped
from include.chaos.interop.probe_import import import_probe, require_known_values
from include.chaos.interop.python_import import find_calls
from include.chaos.model import BlastRadius, Component, StagePoint, StrikePoint, Target
from include.chaos.probes.catalogue import Probe
from include.errors import ConfigurationError

MAX_DURATION = timedelta(minutes=1)

_PLACEHOLDER_TARGET = Component.WAREHOUSE
"""Where a `noop` is put: it touches nothing, so the target is only there to be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a foreign experiment cannot know: which pipeline and stage to strike, and which component a word means."""

    pipeline: str
    stage: str
    targets: Mapping[str, Component]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedExperiment:
    """Our experiment, and what of theirs is not in it."""

    experiment: Experiment
    unmapped: tuple[Unmapped, ...]

    def to_yaml(self, source: str) -> str:
        """Write the experiment, with what was left out as comments above it."""
        head = [f"Imported from {' '.join(source.split())}, an experiment of the Chaos Toolkit."]
        if self.unmapped:
            head += ["Without an equal, and left out:", *(f"  {unmapped}" for unmapped in self.unmapped)]
        return "".join(f"# {line}\n" for line in head) + self.experiment.to_yaml()


def import_experiment(theirs: ChaosToolkitExperiment, place: Place) -> ImportedExperiment:
    """Turn an experiment into ours.

    Raises `ConfigurationError` when none of its steady state can be measured here: there would be no claim left.
    """
    work = _Import(theirs, place)
    probes = tuple(work.probes())
    if not probes:
        raise ConfigurationError(
            "\n".join(["none of its steady state can be measured here:", *map(str, work.unmapped)])
        )
    strikes = tuple(work.strikes()) or (work.placeholder("nothing_to_strike", timedelta(0)),)
    work.name_the_rest()
    hypothesis = theirs.steady_state_hypothesis
    experiment = Experiment(
        title=theirs.title,
        description=theirs.description,
        tags=theirs.tags,
        pipeline=place.pipeline,
        hypothesis=Hypothesis(
            title=hypothesis.title if hypothesis else theirs.title, steady_state=SteadyState(probes=probes)
        ),
        strikes=strikes,
        blast_radius=BlastRadius(
            max_targets=len(strikes),
            max_duration=MAX_DURATION,
            allowed_targets=frozenset(strike.target.component for strike in strikes),
        ),
    )
    return ImportedExperiment(experiment=experiment, unmapped=tuple(work.unmapped))


class _Import:
    """One import at work: what has no equal is collected on the way."""

    def __init__(self, theirs: ChaosToolkitExperiment, place: Place) -> None:
        self._theirs = theirs
        self._place = place
        self._runtime_names = _runtime_names(theirs)
        self._names = _FreeNames()
        self._rollbacks_are_kept = False
        self.unmapped: list[Unmapped] = []

    def probes(self) -> Iterator[Probe]:
        """Turn the steady state's probes into ours."""
        hypothesis = self._theirs.steady_state_hypothesis
        if hypothesis is None:
            self._leave_out("steady-state-hypothesis", "there is none, so nothing is claimed")
            return
        self._leave_out_extras("steady-state-hypothesis", hypothesis)
        names: set[str] = set()
        for activity in hypothesis.probes:
            where = f"steady-state-hypothesis, probe {activity.name!r}"
            try:
                probe = import_probe(activity, self._runtime_names, self._theirs.configuration)
                _require_new(probe.name, names)
            except NoEqualError as reason:
                self._leave_out(where, str(reason))
                continue
            names.add(probe.name)
            yield probe
            self._leave_out_extras(where, activity)
            if activity.pauses != Pauses():
                self._leave_out(f"{where}, pauses", "a probe here looks on its own clock")

    def strikes(self) -> Iterator[Strike]:
        """Turn the method's actions into strikes; the pauses before each delay it."""
        delay = struck_after = timedelta(0)
        for step in self._theirs.method:
            activity = self._look_up(step)
            if activity is None:
                continue
            where = f"method, {activity.type} {activity.name!r}"
            delay += self._pause(activity.pauses.before, where)
            if activity.type == "action":
                yield self._strike(activity, where, delay)
                struck_after = delay
            else:
                self._leave_out_probe(activity, where)
            delay += self._pause(activity.pauses.after, where)
        if delay > struck_after:
            why = (
                f"{(delay - struck_after).total_seconds():g} s; a run here is watched until it is steady and has landed"
            )
            self._leave_out("method, pauses after the last action", why)

    def placeholder(self, name: str, delay: timedelta) -> Strike:
        """Give a strike that does nothing, in the place of one that is to be written."""
        return self._at(name, Noop(), Target(component=_PLACEHOLDER_TARGET), delay)

    def name_the_rest(self) -> None:
        """Name what lies outside of the steady state and the method."""
        self._leave_out_extras("experiment", self._theirs)
        for name in sorted(self._runtime_names):
            self._leave_out(
                f"configuration or secret {name!r}",
                "it is secret, or found only at run time; nothing here takes its place",
            )
        for step in () if self._rollbacks_are_kept else self._theirs.rollbacks:
            name = step.ref if isinstance(step, Reference) else step.name
            self._leave_out(f"rollbacks, {name!r}", "every strike here undoes itself; a rollback is nobody's to write")

    def _strike(self, activity: Activity, where: str, delay: timedelta) -> Strike:
        self._leave_out_extras(where, activity)
        try:
            require_known_values(activity, self._runtime_names)
            fault, target = self._fault_of(activity)
        except NoEqualError as reason:
            self._leave_out(where, f"{reason}; a noop stands in its place")
            return self.placeholder(activity.name, delay)
        return self._at(activity.name, fault, target, delay)

    def _fault_of(self, action: Activity) -> tuple[Fault, Target]:
        """Tell what an action does: a kill where that is plain, else the call of its function."""
        try:
            found = find_kill(action)
        except NoEqualError:
            if called := self._calls(action):
                target = Target(component=self._component(f"{called.inject_by.module}.{called.inject_by.func}"))
                self._rollbacks_are_kept = True
                return called, target
            raise
        return Kill(signal=found.signal), Target(component=self._component(found.word), mode=found.mode)

    def _calls(self, action: Activity) -> Python | None:
        """Give the call of the action's function, where it is the only action and rollbacks say how it is undone."""
        actions = [one for one in self._theirs.method if isinstance(one, Activity) and one.type == "action"]
        if actions != [action]:
            return None
        return find_calls(action, self._theirs.rollbacks, self._theirs.configuration, self._runtime_names)

    def _component(self, word: str) -> Component:
        if word not in self._place.targets:
            raise NoEqualError(f"which component is {word!r} here? Say `--target {word}=COMPONENT`")
        return self._place.targets[word]

    def _at(self, name: str, fault: Fault, target: Target, delay: timedelta) -> Strike:
        point = StrikePoint(stage=self._place.stage, at=StagePoint.START, after=delay)
        return Strike(name=self._names.take(name), fault=fault, target=target, strike_point=point)

    def _look_up(self, step: Step) -> Activity | None:
        """Follow a reference; one to a probe of the steady state is looked at all the while anyway."""
        if isinstance(step, Activity):
            return step
        hypothesis = self._theirs.steady_state_hypothesis
        if hypothesis and any(probe.name == step.ref for probe in hypothesis.probes):
            return None
        declared = (one for one in self._theirs.method if isinstance(one, Activity) and one.name == step.ref)
        found = next(declared, None)
        if found is None:
            self._leave_out(f"method, reference to {step.ref!r}", "there is no such activity")
        return found

    def _pause(self, seconds: float | str | None, where: str) -> timedelta:
        if isinstance(seconds, str):
            self._leave_out(f"{where}, pauses", "its length is known only at run time")
            return timedelta(0)
        return timedelta(seconds=seconds or 0)

    def _leave_out_probe(self, activity: Activity, where: str) -> None:
        why = (
            "it is looked at once and judged by nobody; a probe here needs a tolerance and is part of the steady state"
        )
        self._leave_out(where, why)
        self._leave_out_extras(where, activity)

    def _leave_out_extras(self, where: str, theirs: Foreign) -> None:
        for key in theirs.model_extra or ():
            self._leave_out(f"{where}, {key}", "it has no equal here")

    def _leave_out(self, where: str, why: str) -> None:
        self.unmapped.append(Unmapped(where=where, why=why))


def _require_new(name: str, taken: set[str]) -> None:
    if name in taken:
        raise NoEqualError("there is a probe of this name already, and a journal tells probes apart by theirs")


class _FreeNames:
    """Turns any names into ones that a strike may have, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        slug = slug if slug[:1].isalpha() else f"strike_{slug}".rstrip("_")
        free = next(one for one in chain([slug], (f"{slug}_{number}" for number in count(2))) if one not in self._taken)
        self._taken.add(free)
        return free


def _runtime_names(theirs: ChaosToolkitExperiment) -> frozenset[str]:
    """Name the values that only their run time knows, and those that may be secret."""
    looked_up = {name for name, value in theirs.configuration.items() if not is_known(value)}
    secret = {key for group in theirs.secrets.values() if isinstance(group, dict) for key in group}
    return frozenset(looked_up | secret | set(theirs.secrets))
