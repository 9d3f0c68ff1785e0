"""The launcher, run by the real shell."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from include.lab import status

LAUNCHER = Path(status.__file__).with_name("launch.sh")
NO_HOLDS = ["", "soon", "1.2.3", ".5", "-1", "99999999999999999999999", "12 34", "\x00\xff", "0", "1000.5"]


def launch(hold_file: Path, *command: str, timeout: float = 20) -> str:
    program = ["/bin/sh", str(LAUNCHER), str(hold_file), *command]
    return subprocess.run(program, capture_output=True, text=True, check=True, timeout=timeout).stdout


def test_without_a_hold_the_command_runs_in_the_launchers_own_process(tmp_path: Path) -> None:
    """The supervisor's pid is the server's pid: the launcher execs, it does not fork."""
    launcher = subprocess.Popen(
        ["/bin/sh", LAUNCHER, tmp_path / "hold", "/bin/sh", "-c", "echo $$"], stdout=subprocess.PIPE, text=True
    )
    printed, _ = launcher.communicate(timeout=20)
    assert int(printed) == launcher.pid


def test_arguments_arrive_as_they_are(tmp_path: Path) -> None:
    """Spaces, quotes, dollars and percent signs pass unchanged."""
    arguments = ["a b", "it's", '"', "$HOME", "100%s", ""]
    assert launch(tmp_path / "hold", "printf", "%s\\n", *arguments).splitlines() == arguments


def test_a_hold_ends_at_its_deadline_with_nobody_to_lift_it(tmp_path: Path) -> None:
    """The command starts after the deadline in the file, not before, though the file stays."""
    hold_file = tmp_path / "hold"
    deadline = time.time() + 1.2
    hold_file.write_text(f"{deadline:.3f}\n")
    assert float(launch(hold_file, "date", "+%s.%N")) >= deadline
    assert hold_file.exists()


def test_a_hold_without_line_break_or_fraction_counts(tmp_path: Path) -> None:
    """Writers may leave out both."""
    hold_file = tmp_path / "hold"
    deadline = int(time.time()) + 2
    hold_file.write_text(str(deadline))
    assert float(launch(hold_file, "date", "+%s.%N")) >= deadline


def test_a_lifted_hold_lets_the_command_start(tmp_path: Path) -> None:
    """Deleting the file ends a hold whose deadline is far."""
    hold_file = tmp_path / "hold"
    hold_file.write_text(f"{time.time() + 600}")
    waiting = subprocess.Popen(["/bin/sh", LAUNCHER, hold_file, "echo", "started"], stdout=subprocess.PIPE, text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(timeout=0.5)
    hold_file.unlink()
    printed, _ = waiting.communicate(timeout=20)
    assert printed == "started\n"


@pytest.mark.parametrize("content", NO_HOLDS)
def test_what_holds_no_future_time_is_no_hold(tmp_path: Path, content: str) -> None:
    """A garbled file must not keep a server down for ever; launcher and status agree on that."""
    hold_file = tmp_path / "hold"
    hold_file.write_text(content, encoding="latin-1")
    assert launch(hold_file, "echo", "started") == "started\n"
    assert not status.is_held(hold_file, now=time.time())


@pytest.mark.parametrize("content", ["{}", "{}\n", "{}.5", "{}."])
def test_status_sees_the_holds_that_the_launcher_obeys(tmp_path: Path, content: str) -> None:
    """Both read the same forms of a deadline."""
    hold_file = tmp_path / "hold"
    hold_file.write_text(content.format(int(time.time()) + 600))
    with pytest.raises(subprocess.TimeoutExpired):
        launch(hold_file, "true", timeout=0.5)
    assert status.is_held(hold_file, now=time.time())


def test_no_hold_file_is_no_hold(tmp_path: Path) -> None:
    """The usual case."""
    assert not status.is_held(tmp_path / "hold", now=0)


CLOCK = """import os, sys; print(*(os.environ.get(name) for name in sys.argv[1:]))"""
VARIABLES = ("FAKETIME", "LAUNCH_PRELOAD", "FAKETIME_DONT_FAKE_MONOTONIC")


def _clock(hold_file: Path) -> list[str]:
    return launch(hold_file, sys.executable, "-c", CLOCK, *VARIABLES).split()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library that preloads, with no effect: one that the machine has for sure."""
    (found,) = {mapped.path for mapped in psutil.Process().memory_maps() if Path(mapped.path).name == "libc.so.6"}
    return Path(found)


def test_a_clock_order_sets_the_clock_until_its_deadline(tmp_path: Path, library: Path) -> None:
    """What is started before the deadline is told offset and library; what is started after it, nothing."""
    order = tmp_path / "hold.clock"
    order.write_text(f"{time.time() + 60:.3f} -3600.000 {library}\n")
    assert _clock(tmp_path / "hold") == ["-3600.000", str(library), "1"]
    order.write_text(f"{time.time() - 1:.3f} -3600.000 {library}\n")
    assert _clock(tmp_path / "hold") == ["None"] * 3


@pytest.mark.parametrize("order", ["", "soon +1 {library}", "99999999999", "99999999999 +1 /no/such/library.so"])
def test_what_is_no_clock_order_changes_nothing(tmp_path: Path, library: Path, order: str) -> None:
    """A torn file, or a library that is gone, keeps no component from starting with the right time."""
    (tmp_path / "hold.clock").write_text(order.format(library=library) + "\n")
    assert _clock(tmp_path / "hold") == ["None"] * 3
