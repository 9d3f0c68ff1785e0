"""`report` on the command line: from files, folders and the agent, to a file or to standard output."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from include.chaos.model import VerdictValue
from include.chaos.report_commands import report
from include.chaos.report_reading import Source, read_report
from include.errors import ConfigurationError, JournalError
from tests.chaos import journals
from tests.chaos.rendering import pages

app = typer.Typer()
app.command()(report)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two journals, which is the current one."""
    for number, value in enumerate((VerdictValue.PASSED, VerdictValue.FAILED), start=1):
        run = f"run{number}"
        journals.write(tmp_path / f"{run}.jsonl", journals.reaching(value, run=run))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_journal_becomes_a_page_named_after_its_run(folder: Path) -> None:
    """In the current folder, with the journal's checksum in it."""
    result = CliRunner().invoke(app, ["run1.jsonl"])
    assert result.exit_code == 0, result.output
    html = (folder / "run1.html").read_text()
    assert html.startswith("<!doctype html>")
    assert read_report(Source(name="x", content=(folder / "run1.jsonl").read_bytes()))[1].provenance.sha256 in html  # type: ignore[operator]  # it is there


def test_a_folder_becomes_one_page_of_all_its_runs(folder: Path) -> None:
    """Even if it holds a single one."""
    result = CliRunner().invoke(app, [".", "--output", "all.html"])
    assert result.exit_code == 0, result.output
    assert "2 experiment runs" in (folder / "all.html").read_text()


@pytest.mark.parametrize("runs", [["run1.jsonl"], ["run1.jsonl", "run2.jsonl"]])
def test_json_is_the_content_itself(folder: Path, runs: list[str]) -> None:
    """On standard output, where it is asked for."""
    result = CliRunner().invoke(app, [*runs, "--format", "json", "--output", "-"])
    said = json.loads(result.stdout)
    one = said if len(runs) == 1 else said["runs"][0]
    assert one["verdict"]["value"] == "passed"
    assert one["recovering"]["times"][2]["took"] == pytest.approx(6.0, abs=0.2)
    assert one["accounting"]["relations"][0]["adds_up"] is True


@pytest.mark.parametrize("runs", [["run1.jsonl"], ["run1.jsonl", "run2.jsonl"]])
def test_markdown_is_written_too(folder: Path, runs: list[str]) -> None:
    """Under its own suffix."""
    result = CliRunner().invoke(app, [*runs, "--format", "markdown"])
    assert result.exit_code == 0, result.output
    (written,) = folder.glob("*.md")
    assert "The warehouse is killed" in written.read_text()


class _Agent(BaseHTTPRequestHandler):
    """An agent that knows one run."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/experiment_runs/some_run/journal" else 404)
        self.end_headers()
        self.wfile.write("".join(entry.to_line() for entry in journals.passing()).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its signature
        """Say nothing."""


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve on a free port, which the environment names."""
    with HTTPServer(("127.0.0.1", 0), _Agent) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        monkeypatch.setenv("CHAOS_AGENT_URL", f"http://127.0.0.1:{serving.server_port}")
        monkeypatch.setenv("CHAOS_AGENT_TOKEN", "t")
        yield
        serving.shutdown()
        thread.join()


@pytest.mark.usefixtures("agent")
def test_a_run_that_is_no_file_is_asked_of_the_agent(folder: Path) -> None:
    """By its id; the journal is then named after it."""
    result = CliRunner().invoke(app, ["some_run", "--format", "json", "--output", "-"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["provenance"]["journal"] == "some_run"


def test_a_file_that_is_not_there_is_an_error(folder: Path) -> None:
    """It is not taken for a run that the agent might know."""
    result = CliRunner().invoke(app, ["nowhere/run.jsonl"])
    assert isinstance(result.exception, ConfigurationError)
    assert "no such file" in str(result.exception)


def test_a_folder_without_journals_is_an_error(folder: Path) -> None:
    """There is nothing to report."""
    (folder / "empty").mkdir()
    result = CliRunner().invoke(app, ["empty"])
    assert isinstance(result.exception, ConfigurationError)


def test_a_journal_without_a_run_names_its_file() -> None:
    """So that one of many can be found."""
    with pytest.raises(ConfigurationError, match=r"some\.jsonl"):
        read_report(Source(name="some.jsonl", content=b""))


def test_a_journal_that_was_changed_has_no_report() -> None:
    """A report must not rest on a gap."""
    lines = [entry.to_line() for entry in journals.passing()]
    with pytest.raises(JournalError):
        read_report(Source(name="x", content="".join(lines[:3] + lines[4:]).encode()))


def test_a_torn_last_line_is_said() -> None:
    """And the rest is reported."""
    text = "".join(entry.to_line() for entry in journals.passing())
    _, found = read_report(Source(name="x", content=text[:-9].encode()))
    assert found.provenance.torn_bytes > 0


def test_a_run_s_name_cannot_leave_the_folder(folder: Path) -> None:
    """Whatever a journal calls its run."""
    journals.write(folder / "hostile.jsonl", pages.hostile())
    result = CliRunner().invoke(app, ["hostile.jsonl"])
    assert result.exit_code == 0, result.output
    (written,) = folder.glob("*.html")
    assert "/" not in written.name
    assert "<" not in written.name
