"""Make a pipeline's twin: two undisturbed runs, whose rows must be the same to the last bit before they are kept."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from include.chaos.events import RowsVerified
from include.chaos.journal import Clock
from include.chaos.kept_twins import RunUnderTest, TwinHead, head_of, twin_path, write_twin
from include.chaos.model import RelationAccount
from include.chaos.oracles import SourceReader, landed_lines, source_state
from include.chaos.pipeline import Pipeline
from include.chaos.verification import LandedReader, verify_landing
from include.errors import PlatformError


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinMaker:
    """What it takes: `run` runs the pipeline once, undisturbed, to its good end, and gives the run."""

    pipeline: Pipeline
    run: Callable[[], RunUnderTest]
    source: SourceReader
    landed: LandedReader
    clock: Clock
    home: Path

    def make(self) -> tuple[Path, RowsVerified]:
        """Give the twin's file and how two runs compare; raise `PlatformError`, and keep nothing, if they differ."""
        first = self.run()
        path = twin_path(self.home, self.pipeline, first.conf)
        candidate = path.with_name(f"{path.name}.candidate")
        try:
            head = self._keep(first, candidate)
            second = self.run()
            self._require_same_source(head, second)
            rows = verify_landing(self.pipeline, second.dag_run_id, _lines(candidate), self.landed)
            _require_equal(rows, second)
            candidate.replace(path)
        finally:
            candidate.unlink(missing_ok=True)
        return path, rows

    def _keep(self, run: RunUnderTest, path: Path) -> TwinHead:
        """Write what a run has landed, all of one snapshot."""
        with self.source.snapshot():
            self._require_published(run)
            head = head_of(self.pipeline, run, source_state(self.pipeline, run, self.source), self.clock.now())
            write_twin(path, head, landed_lines(self.pipeline, self.source))
        return head

    def _require_published(self, run: RunUnderTest) -> None:
        if self.pipeline.publication is None:
            return
        found = self.source.fetch_rows(self.pipeline.publication.read())
        if not found or found[0][0] != run.dag_run_id:
            raise PlatformError(f"consumers do not read what {run.dag_run_id} has landed, so it can be no twin")

    def _require_same_source(self, head: TwinHead, run: RunUnderTest) -> None:
        if source_state(self.pipeline, run, self.source) != head.source_state:
            raise PlatformError("the source data changed between the two runs; make the twin when they are at rest")


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        file.readline()
        yield from file


def _describe(account: RelationAccount) -> str:
    sample = next((names[0] for names in account.samples.values() if names), "")
    counts = account.model_dump(include={"lost", "duplicated", "corrupted", "unexpected"})
    return f"{account.relation}: {', '.join(f'{n} {outcome}' for outcome, n in counts.items() if n)}, e.g. {sample}"


def _require_equal(rows: RowsVerified, second: RunUnderTest) -> None:
    if differing := [account for account in rows.relations if not account.intact]:
        raise PlatformError(
            f"two undisturbed runs differ, so neither can be an oracle: {'; '.join(map(_describe, differing))}. "
            "Columns that may differ between good runs are left out of `key` and `values`"
        )
    if not any(account.expected for account in rows.relations):
        raise PlatformError(f"{second.dag_run_id} landed no row at all, so its twin would say nothing")
