"""What the supervisor reads and runs."""

import configparser
import dataclasses
import stat
import subprocess
import sys

from include.lab import catalogue, supervision
from include.lab.component import Component
from include.lab.plan import Plan
from include.settings import LAB_ID_VARIABLE

EVERYTHING = frozenset(catalogue.NAMES)
AWKWARD = {"A": "100%s of it's $HOME", "B": '"quoted,pair"', "C": "line\nbreak", "D": "", "E": "a ;b #c \\d"}


def printing_environment() -> Component:
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    return Component(
        name="printer",
        component="printer",
        port=None,
        command=(sys.executable, "-c", code),
        environment=AWKWARD,
        check=lambda since: None,
    )


def test_any_value_reaches_the_program_unchanged(plan: Plan) -> None:
    """Percent signs, quotes, commas and line breaks mean nothing on their way, in a folder with an awkward name."""
    program = dataclasses.replace(printing_environment(), command=("/usr/bin/env", "-0"))
    supervision.write_files(plan.home, [program], plan.supervisor())
    command = ["/bin/sh", "run/programs/printer"]
    printed = subprocess.run(command, cwd=plan.home.path, capture_output=True, text=True, check=True).stdout
    seen = dict(pair.split("=", 1) for pair in printed.split("\0") if "=" in pair)
    assert AWKWARD.items() <= seen.items()


def test_no_secret_is_on_a_command_line(plan: Plan) -> None:
    """Commands are for everybody to see."""
    secrets = set(plan.credentials.model_dump(exclude={"lab_id"}).values())
    for component in catalogue.components(plan, EVERYTHING):
        assert not [word for word in component.command if any(secret in word for secret in secrets)], component.name


def test_files_with_secrets_are_private(plan: Plan) -> None:
    """Only their owner reads the supervisor's file and the programs' scripts."""
    supervision.write_files(plan.home, catalogue.components(plan, EVERYTHING), plan.supervisor())
    for path in (plan.home.supervisor_conf, *plan.home.programs.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_supervisors_file_holds_no_path_and_only_its_own_secret(plan: Plan) -> None:
    """So there is nothing in it to be quoted."""
    components = catalogue.components(plan, EVERYTHING)
    text = supervision.render_conf(components, lab_id="0a", port=16_000, password=plan.credentials.supervisor)
    assert str(plan.home.path) not in text
    others = plan.credentials.model_dump(exclude={"lab_id", "supervisor"}).values()
    assert not [secret for secret in others if secret in text]


def test_every_component_is_a_program_that_restarts(plan: Plan) -> None:
    """What dies is started again, whatever its exit code; what is stopped is asked first."""
    parser = configparser.RawConfigParser()
    components = catalogue.components(plan, EVERYTHING)
    parser.read_string(supervision.render_conf(components, lab_id="0a", port=16_000, password="p"))
    for name in catalogue.NAMES:
        program = parser[f"program:{name}"]
        assert program["autorestart"] == "true"
        assert (program["stopasgroup"], program["killasgroup"]) == ("false", "true")
    assert parser["program:warehouse"]["stopsignal"] == "INT"


def test_a_supervisor_that_is_not_there_is_not_running(plan: Plan) -> None:
    """A refused connection is an answer."""
    assert not plan.supervisor().is_running()


def test_the_callers_environment_stays_outside() -> None:
    """A variable of the user's shell must not configure the lab's Airflow; the mark must be there."""
    inherited = {"AIRFLOW__CORE__EXECUTOR": "SequentialExecutor", "HTTP_PROXY": "http://proxy", "HOME": "/home/me"}
    environment = supervision.base_environment("0a", inherited)
    assert environment == {"HOME": "/home/me", LAB_ID_VARIABLE: "0a"}
