"""Journal what a run's manifest was when the stage that freezes it had succeeded, so that a later change is seen."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from include.chaos.events import ManifestFrozen, StageObserved
from include.chaos.manifest_digest import digest_manifest
from include.chaos.pipeline import SqlFile
from include.errors import PlatformError

LOOK_SECONDS = 0.5


class StageWatch(Protocol):
    """What somebody sees who looks at the run's stages all the time."""

    def stage(self, task_id: str) -> StageObserved | None:
        """Give what was last seen of a stage."""
        ...


class ManifestReader(Protocol):
    """The database that holds the manifest."""

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        """Give all rows of a statement; raise `PlatformError` when it cannot be run."""
        ...


class ManifestWitness:
    """One run's witness: it reads the manifest once, as soon as it is frozen and the database answers."""

    def __init__(
        self,
        *,
        manifest: SqlFile,
        stage: str,
        dag_run_id: str,
        watch: StageWatch,
        open_reader: Callable[[], ManifestReader],
        record: Callable[[ManifestFrozen], object],
    ) -> None:
        """Prepare the thread; `start` begins to wait for the stage."""
        self._manifest = manifest
        self._stage = stage
        self._dag_run_id = dag_run_id
        self._watch = watch
        self._open_reader = open_reader
        self._record = record
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="manifest-witness", daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """Wait no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._is_frozen():
            if self._stopped.wait(LOOK_SECONDS):
                return
        reader = self._open_reader()
        while not self._has_told(reader):
            if self._stopped.wait(LOOK_SECONDS):
                return

    def _is_frozen(self) -> bool:
        seen = self._watch.stage(self._stage)
        return seen is not None and seen.state == "success"

    def _has_told(self, reader: ManifestReader) -> bool:
        try:
            listed = reader.fetch_rows(self._manifest.read(), {"dag_run_id": self._dag_run_id})
        except PlatformError:
            return False  # the database may be what was struck
        objects = len({str(row[0]) for row in listed})
        self._record(ManifestFrozen(stage=self._stage, objects=objects, digest=digest_manifest(listed)))
        return True
