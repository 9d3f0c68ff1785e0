"""What is known of all runs: read once, kept, read again when it has changed, and never more than was read."""

import os
import threading
from pathlib import Path

import pytest

from include.chaos.agent.run_index import RunIndex
from include.chaos.events import RunClosed, VerdictReached
from include.chaos.model import VerdictValue
from tests.chaos import journals
from tests.chaos.many_runs import plant
from tests.waiting import await_


@pytest.fixture
def index(tmp_path: Path) -> RunIndex:
    (tmp_path / "journals").mkdir()
    return RunIndex(tmp_path / "journals", tmp_path / "kept.jsonl", read_for=60)


def again(index: RunIndex) -> RunIndex:
    """Give the index of an agent that comes up later."""
    return RunIndex(index.journals, index.cache, read_for=60)


def spoil(path: Path) -> None:
    """Change a byte without changing the size or the time of change, so that reading it again would show."""
    stat = path.stat()
    path.write_bytes(b"x" + path.read_bytes()[1:])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_every_run_is_known_newest_first(index: RunIndex) -> None:
    """With what was published of it."""
    ids = plant(index.journals, 5)
    known = index.look()
    assert [run.experiment_run_id for run in known.runs] == ids[::-1]
    assert known.unread == 0
    assert all(run.is_closed and run.verdict for run in known.runs)


def test_a_journal_that_has_not_changed_is_not_read_again(index: RunIndex) -> None:
    """Neither by this agent nor by the next one, which finds what was kept."""
    plant(index.journals, 3)
    before = index.look()
    for path in index.journals.iterdir():
        spoil(path)
    assert index.look() is before
    assert again(index).look().runs == before.runs


def test_a_journal_that_grows_is_read_again(index: RunIndex) -> None:
    """An open run gets on, and what was known of it is not kept for the next agent."""
    entries = journals.passing()
    path = journals.write(index.journals / "run.jsonl", entries[:-1])
    assert index.look().runs[0].entries == len(entries) - 1
    assert not index.cache.exists()
    journals.write(path, entries)
    [run] = index.look().runs
    assert (run.entries, run.is_closed, run.verdict) == (len(entries), False, None)


def test_a_run_that_is_gone_is_forgotten(index: RunIndex) -> None:
    """As when old journals are put away."""
    ids = plant(index.journals, 2)
    index.look()
    (index.journals / f"{ids[0]}.jsonl").unlink()
    assert [run.experiment_run_id for run in index.look().runs] == ids[1:]


def test_a_damaged_journal_is_named_and_hides_no_other(index: RunIndex) -> None:
    """Nothing is claimed of its run."""
    plant(index.journals, 1)
    (index.journals / "torn.jsonl").write_text("not a journal\nat all\n")
    known = index.look()
    assert len(known.runs) == 1
    [problem] = known.damaged
    assert "torn.jsonl:1" in problem


def test_an_empty_journal_is_no_run(index: RunIndex) -> None:
    """The agent died between making the file and its first entry."""
    (index.journals / "empty.jsonl").touch()
    known = index.look()
    assert (known.runs, known.unread, known.damaged) == ((), 0, ())


def test_what_one_look_has_no_time_for_is_said_and_read_in_the_background(tmp_path: Path) -> None:
    """Newest runs come first; the others follow without anybody asking."""
    ids = plant(tmp_path / "journals", 4)
    index = RunIndex(tmp_path / "journals", tmp_path / "kept.jsonl", read_for=0, pause=0)
    first = index.look()
    assert first.unread + len(first.runs) == len(ids)
    assert first.unread > 0
    await_(lambda: len(index.known.runs) == len(ids))
    index.stop()
    assert index.known.unread == 0


def test_what_was_kept_in_another_version_is_read_anew(index: RunIndex) -> None:
    """So is a line that a crash tore."""
    plant(index.journals, 2)
    before = index.look()
    lines = index.cache.read_text().splitlines()
    index.cache.write_text(lines[0].replace('"version":1', '"version":0') + "\n" + lines[1][:40] + "\n")
    assert again(index).look().runs == before.runs


def test_a_cache_that_cannot_be_written_costs_time_only(index: RunIndex) -> None:
    """The runs are known all the same."""
    plant(index.journals, 2)
    index.cache.mkdir()
    lost = RunIndex(index.journals, index.cache / "nowhere" / "kept.jsonl", read_for=60)
    assert len(lost.look().runs) == 2


def test_the_length_of_a_closed_journal_is_known_without_reading_it(index: RunIndex) -> None:
    """That of one that is open, or has changed since, is not."""
    [run_id] = plant(index.journals, 1)
    assert index.count_entries(run_id) is None
    [run] = index.look().runs
    assert index.count_entries(run_id) == run.entries
    with (index.journals / f"{run_id}.jsonl").open("a") as file:
        file.write("more")
    assert index.count_entries(run_id) is None


def test_threads_that_look_at_once_see_the_same(index: RunIndex) -> None:
    """One reads, the others wait for it."""
    plant(index.journals, 20)
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(index.look())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(known) for known in seen}) == 1


def test_a_summary_tells_what_the_run_says_itself(index: RunIndex) -> None:
    """The published verdict and its first reason; no judging anew."""
    steps = journals.passing_steps()
    verdict = VerdictReached(verdict=VerdictValue.FAILED, reasons=("a row is lost",), judged_until=len(steps))
    journals.write(index.journals / "run.jsonl", journals.number([*steps, (50, verdict), (51, RunClosed())]))
    [run] = index.look().runs
    assert (run.verdict, run.reason, run.is_expected) == (VerdictValue.FAILED, "a row is lost", False)
    assert [(strike.stage, strike.fault, strike.is_struck) for strike in run.strikes] == [("extract", "kill", True)]
    assert run.time_to_recover == pytest.approx(6.0, abs=0.6)


def test_while_no_journal_comes_or_goes_only_open_ones_are_looked_at(index: RunIndex) -> None:
    """A closed one is compared again when the folder has changed; an open one at each look."""
    [closed] = plant(index.journals, 1)
    entries = journals.passing()
    path = journals.write(index.journals / "run.jsonl", entries[:-1])
    settle(index.journals)
    index.look()
    spoilt = index.journals / f"{closed}.jsonl"
    spoilt.write_bytes(b"spoilt\n" + spoilt.read_bytes())
    path.write_text("".join(entry.to_line() for entry in entries))
    settle(index.journals)
    assert [run.entries for run in index.look().runs if not run.is_closed] == [len(entries)]
    assert index.look().damaged == ()
    (index.journals / "new.jsonl").touch()
    assert len(index.look().damaged) == 1


def settle(folder: Path) -> None:
    """Make a folder look as if it had not changed for long."""
    os.utime(folder, ns=(0, 10**18))
