"""Claims about Scale under SIGKILL at any moment, whoever is hit: the rows are those of an undisturbed run."""

import os
import random
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import psutil
import pytest

from tests.e2e.site import CORPUS, Site, await_, stamp

pytestmark = pytest.mark.e2e

KILLS = int(os.environ.get("CHAOS_CONTROL_KILLS", "2"))
SEED = os.environ.get("CHAOS_CONTROL_KILL_SEED") or str(random.randrange(10_000))
RELATIONS = ("filename_instrument", "filepair_similarity_score", "quarantined_file")

DRAWS = 8
KILLED = "killed"

Rows = dict[str, list[tuple[object, ...]]]

VICTIMS: dict[str, Callable[[str], bool]] = {
    "driver": lambda line: "org.apache.spark.deploy.SparkSubmit" in line,
    "executor": lambda line: "CoarseGrainedExecutorBackend" in line,
    "python worker": lambda line: "pyspark.daemon" in line,
    "task": lambda line: line.startswith("airflow worker -- ") and "LocalExecutor" not in line,
}


@pytest.fixture(scope="module")
def undisturbed(site: Site) -> tuple[Rows, timedelta]:
    """The rows of an undisturbed run, and how long it takes."""
    run = site.run_undisturbed()
    assert run.start_date
    assert run.end_date
    return landed(site), run.end_date - run.start_date


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_run_killed_anywhere_lands_the_same_rows(site: Site, undisturbed: tuple[Rows, timedelta], kill: int) -> None:
    """A random process is killed at a random moment; the run, or the run cleared, ends with the same rows, no debris.

    The seed is printed; CHAOS_CONTROL_KILLS and CHAOS_CONTROL_KILL_SEED choose others.
    """
    expected, duration = undisturbed
    run_id = start_and_kill(site, random.Random(f"{SEED}/{kill}"), duration)
    run = site.await_end("scale_pipeline", run_id)
    print(f"kill {kill}: the run ended {run.state} after {run.end_date} - {run.start_date}")
    if run.state != "success":
        site.clear_failed("scale_pipeline", run_id)
        run = site.await_end("scale_pipeline", run_id)
    assert run.state == "success"
    assert landed(site) == expected
    assert site.manifests_with_rows() == 1, "rows of another manifest are left"


def start_and_kill(site: Site, chance: random.Random, duration: timedelta) -> str:
    """Start a run and kill a process of it; a run that ended before shows nothing, and another moment is drawn."""
    for _ in range(DRAWS):
        moment, who = chance.uniform(0.05, 0.9) * duration, chance.choice(list(VICTIMS))
        run_id = f"killed__{stamp()}"
        site.airflow.trigger("scale_pipeline", run_id, {"prefix": CORPUS, "reuse_unchanged": False})
        threading.Event().wait(moment.total_seconds())
        struck = await_(partial(strike_or_end, site, who, run_id), f"a {who} to kill")
        print(f"seed {SEED}: {who}, {moment.total_seconds():.1f} of {duration.total_seconds():.1f} s: {struck}")
        if struck == KILLED:
            return run_id
    raise AssertionError(f"none of {DRAWS} runs lived long enough to be killed, so nothing was shown")


def strike_or_end(site: Site, who: str, run_id: str) -> str | None:
    """Kill if there is somebody to kill; else tell whether there never will be."""
    run = site.airflow.dag_run("scale_pipeline", run_id)
    if run and run.ended:
        return "too late"
    return KILLED if strike(site, who) else None


def strike(site: Site, who: str) -> bool:
    """Kill one of the lab's processes of that kind; tell whether there was one."""
    for process in site.processes():
        try:
            if VICTIMS[who](" ".join(process.cmdline())):
                process.kill()
                return True
        except psutil.NoSuchProcess:
            continue
    return False


def landed(site: Site) -> Rows:
    """Read every relation."""
    return {relation: site.published(relation) for relation in RELATIONS}
