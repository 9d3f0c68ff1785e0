"""The journal survives a torn end, and nothing else goes unnoticed."""

import multiprocessing
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.chaos.events import AgentStarted, RowsVerified, RunClosed
from include.chaos.journal import JournalWriter, parse_journal, read_journal
from include.chaos.verdict import judge
from include.errors import JournalError
from tests.chaos import journals
from tests.chaos.fakes import FakeClock


def test_what_is_written_reads_back_equal(tmp_path: Path) -> None:
    """Every kind of event in a whole run survives the file."""
    entries = journals.passing()
    path = journals.write(tmp_path / "run.jsonl", entries)
    assert list(read_journal(path).entries) == entries


def test_a_verdict_is_the_same_when_computed_from_the_file(tmp_path: Path) -> None:
    """The journal alone is enough to judge."""
    entries = journals.passing()
    assert judge(read_journal(journals.write(tmp_path / "run.jsonl", entries)).entries) == judge(entries)


@given(st.integers(min_value=1, max_value=400))
def test_a_torn_end_is_left_out_and_said(cut: int) -> None:
    """However many bytes a crash took from the last line, all lines before it are read and the loss is reported."""
    lines = [entry.to_line() for entry in journals.passing()]
    cut = min(cut, len(lines[-1]))
    reading = parse_journal("".join(lines)[:-cut], source="run")
    kept = len(lines) - 1
    assert len(reading.entries) == kept
    assert reading.torn_bytes == len(lines[-1]) - cut


@given(data=st.data())
def test_a_changed_byte_is_an_error_that_names_the_line(data: st.DataObject) -> None:
    """A journal that was edited is refused, wherever but in its last line."""
    lines = [entry.to_line() for entry in journals.passing()]
    number = data.draw(st.integers(min_value=0, max_value=len(lines) - 2))
    position = data.draw(st.integers(min_value=0, max_value=len(lines[number]) - 2))
    line = lines[number]
    lines[number] = line[:position] + ("x" if line[position] != "x" else "y") + line[position + 1 :]
    with pytest.raises(JournalError, match=f"run:{number + 1}:"):
        parse_journal("".join(lines), source="run")


def test_a_missing_line_is_an_error() -> None:
    """A gap in the numbers is never read over."""
    lines = [entry.to_line() for entry in journals.passing()]
    del lines[3]
    with pytest.raises(JournalError, match="expected entry 4, found 5"):
        parse_journal("".join(lines), source="run")


def test_a_writer_goes_on_behind_a_torn_line(tmp_path: Path) -> None:
    """After a crash in the middle of a write, the next agent continues the numbering."""
    path = journals.write(tmp_path / "run.jsonl", journals.passing())
    whole = len(read_journal(path).entries)
    with path.open("a") as file:
        file.write('{"seq":999,"at"')
    writer = JournalWriter(path, clock=FakeClock())
    writer.append(AgentStarted(pid=1))
    writer.append(RunClosed())
    writer.close()
    assert [entry.seq for entry in read_journal(path).entries[-2:]] == [whole + 1, whole + 2]


def _append_on_a_full_disk(path: Path) -> None:
    """Let a file grow by ten bytes at most, try to append, and append again when there is room."""
    writer = JournalWriter(path, clock=FakeClock())
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, hard))
    with pytest.raises(OSError, match="too large"):
        writer.append(AgentStarted(pid=1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    writer.append(RunClosed())


def test_a_full_disk_leaves_no_half_line_in_the_middle(tmp_path: Path) -> None:
    """An entry that could not be written is not there at all, and the next one follows without a gap."""
    path = journals.write(tmp_path / "run.jsonl", journals.passing())
    whole = len(read_journal(path).entries)
    writer = multiprocessing.get_context("fork").Process(target=_append_on_a_full_disk, args=(path,))
    writer.start()
    writer.join(30)
    assert writer.exitcode == 0
    assert isinstance(read_journal(path).entries[-1].body, RunClosed)
    assert len(read_journal(path).entries) == whole + 1


def test_a_journal_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    """Journals may quote what queries returned."""
    JournalWriter(tmp_path / "run.jsonl", clock=FakeClock()).close()
    assert (tmp_path / "run.jsonl").stat().st_mode & 0o077 == 0


def test_an_account_from_before_comparisons_were_recorded_is_read() -> None:
    """Old journals have row accounts that do not say how the rows were compared."""
    old = journals.rows().model_dump(exclude={"comparisons"})
    assert RowsVerified.model_validate(old).comparisons == ()
