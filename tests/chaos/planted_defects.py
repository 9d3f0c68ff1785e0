"""Defects planted in a real PostgreSQL, and what the product says of each: `--write docs/trust.md` makes the page."""

import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from include.chaos import events as e
from include.chaos.agent.manifest_witness import ManifestWitness
from include.chaos.agent.reader import ConsumerReader
from include.chaos.agent.writers import ContractWriters, read_writers
from include.chaos.consumer_events import ConsumerRead
from include.chaos.entries import bodies
from include.chaos.journal import JournalWriter, SystemClock
from include.chaos.model import RelationAccount, Verdict
from include.chaos.pipeline import SqlFile
from include.chaos.platforms.consumer_snapshots import ConsumerSnapshots
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.verdict import judge
from include.settings import REPO_ROOT
from tests.chaos import journals
from tests.chaos.landed_world import SCORES, World, land_everything, oracle_lines, pipeline_in
from tests.scale.servers import PostgresServer, postgres_server
from tests.waiting import await_

PAGE = REPO_ROOT / "docs" / "trust.md"
RUN = "run-1"

_HEAD = """# What the answer "every row accounted for" rests on

Written by `python -m tests.chaos.planted_defects --write docs/trust.md`; do not edit.
`tests/chaos/test_planted_defects.py` plants everything anew and fails unless it says the same as this page.

**How.** Each line has a database of its own in a real PostgreSQL, in which a small pipeline has landed everything:
300 rows of `song_instrument`, 1,225 of `pair`, 2 quarantined objects, 52 objects in the manifest, one publication;
among the keys are empty, quoted and many-line ones. Then the defect is planted by SQL, and the code that a real
experiment runs does the rest: the verification, the consumer's reader, the witness of the manifest, the reader of
writers' records, and the judge. Around them is the journal of a run in which all else went well, so that the defect
alone decides. Times of day and lengths of time in a sentence are replaced by `…`.

| planted | how | found | verdict | the judge's first sentence |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the product said of one plant."""

    rows: tuple[RelationAccount, ...]
    besides: str
    verdict: Verdict


class Ground:
    """One database in which everything has landed, and the journal that is made of it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.extra: list[e.Event] = []
        self.besides = ""
        self.frozen = self._witness()

    def judge(self) -> Found:
        """Verify what is there now, and judge the run."""
        verified = self.world.verify()
        if verified.quarantine and verified.quarantine.without_reason:
            self.besides = f"{verified.quarantine.without_reason} without a reason"
        if verified.manifest_digest != self.frozen.digest:
            self.besides = "another manifest"
        return Found(
            rows=verified.relations, besides=self.besides, verdict=judge(journals.number(self._steps(verified)))
        )

    def _steps(self, verified: e.RowsVerified) -> list[journals.Step]:
        steps: list[journals.Step] = []
        for seconds, body in journals.passing_steps():
            match body:
                case e.RunOpened():
                    steps.append((seconds, body.model_copy(update={"dag_run_id": RUN})))
                case e.ManifestFrozen():
                    steps.append((seconds, self.frozen))
                case e.RowsVerified():
                    steps += [(seconds, extra) for extra in self.extra]
                    steps.append((seconds, verified))
                case _:
                    steps.append((seconds, body))
        return steps

    def _witness(self) -> e.ManifestFrozen:
        """Have the manifest read as the agent does, when its stage has succeeded."""

        class Succeeded:
            def stage(self, task_id: str) -> e.StageObserved:
                return e.StageObserved(stage=task_id, state="success", try_number=1)

        told: list[e.ManifestFrozen] = []
        assert self.world.pipeline.manifest is not None
        witness = ManifestWitness(
            manifest=self.world.pipeline.manifest,
            stage="freeze_manifest",
            dag_run_id=RUN,
            watch=Succeeded(),
            open_reader=lambda: self.world.landed,
            record=told.append,
        )
        witness.start()
        await_(lambda: bool(told), "the manifest")
        witness.stop()
        return told[0]


Plant = Callable[[Ground], Found]


def _sql(*statements: str) -> Plant:
    def plant(ground: Ground) -> Found:
        ground.world.spoil(*statements)
        return ground.judge()

    return plant


def _mixture(ground: Ground) -> Found:
    """Show the new rows of one relation 50 ms before the stamp, while somebody reads as a consumer."""
    ground.world.spoil(
        "CREATE TABLE kept AS SELECT * FROM pair WHERE a < '05.mid'",
        "DELETE FROM pair WHERE a < '05.mid'",
        "UPDATE publication SET dag_run_id = 'run-0', published_at = now() - interval '1 hour'",
    )
    journal = JournalWriter(ground.folder / "read.jsonl", clock=SystemClock())
    source = ConsumerSnapshots(ground.world.settings, ground.world.pipeline)
    reader = ConsumerReader(pipeline=ground.world.pipeline, source=source, record=journal.append, clock=SystemClock())
    reader.start()
    try:
        await_(lambda: bool(bodies(journal.entries, ConsumerRead)), "a first read")
        ground.world.spoil("INSERT INTO pair SELECT * FROM kept", "SELECT pg_sleep(0.05)")
        ground.world.spoil("UPDATE publication SET dag_run_id = 'run-1', published_at = now()")
        reader.settle()
    finally:
        reader.stop()
        journal.close()
    ground.extra = [entry.body for entry in journal.entries]
    ground.besides = "a mixture"
    return ground.judge()


def _two_writers(ground: Ground) -> Found:
    """Record a first try that wrote after the second had begun."""
    ground.world.spoil(
        "CREATE TABLE tried (writer text, try int, began_at timestamptz, last_wrote_at timestamptz, refused_at"
        " timestamptz)",
        "INSERT INTO tried VALUES ('load', 1, '2026-01-01 00:00:01Z', '2026-01-01 00:00:09Z', NULL),"
        " ('load', 2, '2026-01-01 00:00:05Z', '2026-01-01 00:00:12Z', NULL)",
    )
    (ground.folder / "writers.sql").write_text("SELECT * FROM tried WHERE %(dag_run_id)s <> ''")
    statement = SqlFile(file=ground.folder / "writers.sql")
    record = ContractWriters(statement=statement, dag_run_id=RUN, open_reader=lambda: ground.world.landed)
    read = read_writers([record])
    ground.extra = [read]
    ground.besides = f"{len(read.overlaps)} overlap of tries"
    return ground.judge()


def _wrong_oracle(ground: Ground) -> Found:
    """Ask an oracle that is wrong in one score of a run that nothing disturbed: nothing is struck then."""
    right = SCORES["03.mid", "04.mid"]
    lines = [line.replace(f'"04.mid", {right!r}]', '"04.mid", 0.25]') for line in oracle_lines()]
    verified = ground.world.verify(lines)
    checked = e.BaselineRowsVerified(dag_run_id=RUN, relations=verified.relations)
    verdict = judge(journals.number([(0, journals.opened("run-2")), (1, checked)]))
    return Found(rows=verified.relations, besides="", verdict=verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """What is planted, in words, and how."""

    name: str
    how: str
    plant: Plant


_LOSE = "DELETE FROM song_instrument WHERE filename = '07.mid' AND instrument = 3"
_COPY = "INSERT INTO song_instrument VALUES ('08.mid', 3)"
_FOREIGN = "INSERT INTO song_instrument VALUES ('foreign.mid', 1)"

DEFECTS = (
    Defect(name="nothing", how="the control line", plant=_sql()),
    Defect(name="one row lost", how="deleted from `song_instrument`", plant=_sql(_LOSE)),
    Defect(name="one row duplicated", how="a copy in `song_instrument`", plant=_sql(_COPY)),
    Defect(
        name="one row changed in its last digit",
        how="the next double in place of a score of `pair`",
        plant=_sql("UPDATE pair SET score = next_score FROM next_score WHERE a = '03.mid' AND b = '04.mid'"),
    ),
    Defect(name="one foreign row", how="a song that nobody listed in `song_instrument`", plant=_sql(_FOREIGN)),
    Defect(
        name="a partition lost",
        how="the rows of `pair` whose first key hashes to one of 16 buckets, deleted",
        plant=_sql("DELETE FROM pair WHERE ('x' || left(md5(a), 1))::bit(4)::int = 3"),
    ),
    Defect(
        name="a whole relation stale",
        how="`pair` with the scores of a former publication, under the new stamp",
        plant=_sql("UPDATE pair SET score = score / 2"),
    ),
    Defect(
        name="a mixture visible for 50 ms",
        how="`pair` shown before the stamp, 50 ms later all is right",
        plant=_mixture,
    ),
    Defect(
        name="a quarantine without reason",
        how="one reason NULL, one blank, in `refused`",
        plant=_sql(
            "UPDATE refused SET reason = NULL WHERE filename = 'broken-1.mid'",
            "UPDATE refused SET reason = E' \\n' WHERE filename = 'broken-2.mid'",
        ),
    ),
    Defect(
        name="a manifest changed after the fact",
        how="one object replaced in `manifest_object`, after the witness had read it; their number stays",
        plant=_sql("UPDATE manifest_object SET key = 'other.mid' WHERE key = '07.mid'"),
    ),
    Defect(name="two that cancel: lost and unexpected", how="the number of rows stays", plant=_sql(_LOSE, _FOREIGN)),
    Defect(name="two that cancel: lost and duplicated", how="the number of rows stays", plant=_sql(_LOSE, _COPY)),
    Defect(
        name="two writers",
        how="a first try whose record says that it wrote 4 s after the second had begun; all rows are right",
        plant=_two_writers,
    ),
    Defect(
        name="an oracle that is itself wrong",
        how="one score of its lines is 0.25, held against a run that nothing disturbed, before any strike",
        plant=_wrong_oracle,
    ),
)


def find(server: PostgresServer, defect: Defect) -> Found:
    """Plant a defect in a database of its own, and have it judged."""
    settings = server.create_database()
    with (
        TemporaryDirectory() as folder,
        server.connect(settings.dbname) as connection,
        closing(LandedRows(settings, application_name="planted")) as landed,
    ):
        land_everything(connection)
        pipeline = pipeline_in(Path(folder))
        world = World(connection=connection, settings=settings, landed=landed, pipeline=pipeline)
        return defect.plant(Ground(world, Path(folder)))


def render(server: PostgresServer) -> str:
    """Give the page as the file holds it."""
    return _HEAD + "".join(f"{_line(defect, find(server, defect))}\n" for defect in DEFECTS)


def _line(defect: Defect, found: Found) -> str:
    outcomes = ", ".join([*_outcomes(found.rows), *([found.besides] if found.besides else [])]) or "nothing"
    said = re.sub(r"\d\d:\d\d:\d\d(\.\d+)?|\d+(\.\d+)? m?s\b", "…", found.verdict.reasons[0])
    cells = (defect.name, defect.how, outcomes, f"`{found.verdict.value}`", said.replace("|", "\\|"))
    return f"| {' | '.join(cells)} |"


def _outcomes(accounts: tuple[RelationAccount, ...]) -> Iterator[str]:
    for account in accounts:
        for outcome in ("lost", "duplicated", "corrupted", "unexpected"):
            if count := getattr(account, outcome):
                yield f"{count} {outcome}"


def main() -> None:
    """Write the page."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, default=PAGE)
    with postgres_server() as server:
        parser.parse_args().write.write_text(render(server), encoding="utf8")


if __name__ == "__main__":
    main()
