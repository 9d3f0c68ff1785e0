"""Validation finds what would go wrong without doing anything, and says what would be struck, when and where."""

from pathlib import Path

import pytest
import typer
import yaml

from include.chaos.dry_run import plan_strike
from include.chaos.experiment import Strike, experiment_files, load_experiment
from include.chaos.faults.base import Need
from include.chaos.faults.kill import Kill
from include.chaos.model import Target, TargetInstance
from include.chaos.platforms.local import LocalPlatform
from include.chaos.probes.place import Place
from include.chaos.validation import LiveSite, Validation, validate_file
from include.chaos.validation_commands import find_live_site, validate
from include.errors import PlatformError
from include.settings import LocalSite
from tests.chaos.probes.servers import closed_port, hanging

SHIPPED = next(path for path in experiment_files() if path.stem == "warehouse-killed-while-landing")
TARGET = "target: {component: warehouse}"
PROBE = "kind: sql\n        query: SELECT 1\n        tolerance: {equals: 1}"


class Platform:
    """Has the instances that it is given, and lets nobody act."""

    def __init__(self, *names: str) -> None:
        self.names = names

    @classmethod
    def offers(cls, wanted: type[object]) -> bool:
        return False

    @classmethod
    def lacking(cls, needs: frozenset[Need]) -> tuple[Need, ...]:
        return ()

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        chosen = [n for n in self.names if n.startswith(target.component) and n in (target.instances or self.names)]
        if not chosen:
            raise PlatformError(f"target {target.component}: no such instance on this lab")
        return tuple(TargetInstance(name=name, component=target.component, pid=7) for name in chosen)


class Addresses:
    """Knows no component."""

    def resolve(self, place: Place) -> tuple[str, int]:
        raise PlatformError(f"{place.component}: expected one server to look at, got 0")


def check(folder: Path, right: str = "", wrong: str = "", *, site: LiveSite | None = None) -> Validation:
    """Validate the shipped experiment with something replaced."""
    text = SHIPPED.read_text()
    assert right in text
    path = folder / "it.yaml"
    path.write_text(text.replace(right, wrong, 1))
    return validate_file(path, LocalPlatform, site)


def live(*names: str) -> LiveSite:
    return LiveSite(platform=Platform(*names), addresses=Addresses())


@pytest.mark.parametrize("name", [path.name for path in experiment_files()])
def test_every_shipped_experiment_is_valid(name: str) -> None:
    """What ships can be run."""
    path = next(path for path in experiment_files() if path.name == name)
    assert validate_file(path, LocalPlatform, None).errors == ()


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("kind: kill", "kind: kil", "it.yaml:23:13: strikes[0].fault.kind: expected"),
        ("pipeline: scale", "pipeline: scal", "it.yaml:6:1: pipeline: no landing contract 'scal'; did you mean 'sca"),
        ("stage: extract_instruments", "stage: extract", "it.yaml:25:20: strikes[0].strike_point.stage: pipeline sc"),
        ("stage: extract_instruments", "stage: publish", "stage publish counts no staged rows; those that do: extr"),
        ("relation: filename_instrument", "relation: filename_instruments", "did you mean 'filename_instrument'?"),
        ("name: instruments_readable", "name: warehouse_answers", "a probe 'warehouse_answers' is there already"),
        ("every: 500ms", "every: 2s", "probes[1].every: must be less than 2s, after which the judge calls"),
        (PROBE, "kind: dag_run\n        tolerance: {equals: success}", "must accept 'absent'"),
    ],
)
def test_a_name_that_leads_nowhere_is_found_at_its_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    """Words, pipelines, stages, relations, probes."""
    errors = check(tmp_path, right, wrong).errors
    assert any(said in error for error in errors), errors


def test_without_a_lab_the_plan_says_what_the_file_asks_for(tmp_path: Path) -> None:
    """What, when, how long and how it is undone is known without a lab."""
    (plan,) = check(tmp_path).strikes
    assert plan.what.startswith("kill (signal: KILL)")
    assert plan.where == "warehouse: all its instances"
    assert plan.when == "when 50% of the rows that stage extract_instruments expects are staged"
    assert plan.hold.startswith("10s")
    assert plan.undo


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("mode: one", "spark_worker: one of all its instances"),
        ("mode: {fixed: 2}", "spark_worker: 2 of all its instances"),
        ("mode: {percent: 50%}, exclude: [a]", "spark_worker: 50% of all its instances without a"),
        ("instances: [a, b]", "spark_worker: a, b"),
    ],
)
def test_without_a_lab_a_mode_is_put_into_words(target: str, where: str) -> None:
    """Each mode."""
    strike = load_experiment("warehouse_killed_while_landing").strikes[0].model_dump(mode="json", exclude_none=True)
    strike["target"] = yaml.safe_load(f"{{component: spark_worker, {target}}}")
    assert plan_strike(Strike.model_validate(strike), None).where == where


def test_on_a_lab_the_plan_names_the_instances(tmp_path: Path) -> None:
    """Exactly what would be struck now."""
    validation = check(tmp_path, site=live("warehouse", "object_store"))
    assert validation.errors == ()
    assert validation.strikes[0].where == "warehouse: 1 of 1 eligible instances: warehouse (pid 7)"


def test_a_draw_is_said_to_be_one_unless_its_seed_is_fixed(tmp_path: Path) -> None:
    """Without a seed another run strikes another instance."""
    site = live("warehouse_1", "warehouse_2")
    target = "target: {component: warehouse, mode: one}"
    drawn = check(tmp_path, TARGET, target, site=site).strikes[0].where
    assert drawn == "warehouse: 1, drawn anew in each run, of warehouse_1, warehouse_2"
    path = tmp_path / "it.yaml"
    path.write_text(path.read_text() + "seed: fixed\n")
    fixed = validate_file(path, LocalPlatform, site).strikes[0].where
    assert fixed.startswith("warehouse: 1 of 2 eligible instances: warehouse_")


@pytest.mark.parametrize(
    ("names", "right", "wrong", "said"),
    [
        ((), "", "", "it.yaml:24:5: strikes[0].target: target warehouse: no such instance"),
        (("warehouse_1", "warehouse_2"), "", "", "blast_radius.max_targets allows 1"),
        (("warehouse",), TARGET, "target: {component: warehouse, exclude: [warehouse]}", "all excluded"),
        (("warehouse",), TARGET, "target: {component: warehouse, mode: {fixed: 2}}", "asks for more than the 1 elig"),
        (("warehouse",), "max_targets: 1", "max_targets: 1\n  max_share: 50%", "blast_radius.max_share allows 50%"),
        (
            ("warehouse",),
            PROBE,
            "kind: tcp\n        component: object_store\n        tolerance: {at_most: 1}",
            "probes[0].component: object_store: expected one server",
        ),
        (
            ("warehouse",),
            PROBE,
            "kind: process\n        component: object_store\n        tolerance: {at_least: 1}",
            "probes[0].component: target object_store: no such instance",
        ),
    ],
)
def test_what_the_agent_would_refuse_is_an_error(
    tmp_path: Path, names: tuple[str, ...], right: str, wrong: str, said: str
) -> None:
    """Targets that are not there, and more of them than the blast radius allows."""
    errors = check(tmp_path, right, wrong, site=live(*names)).errors
    assert any(said in error for error in errors), errors


def test_a_platform_that_lacks_an_ability_does_not_support_the_fault() -> None:
    """A fault kind names the Protocol through which it acts."""
    assert LocalPlatform.offers(Kill.ability())
    (error,) = validate_file(SHIPPED, Platform, None).errors
    assert "Platform cannot do `kill`: it has no ProcessControl" in error


def test_every_file_is_checked_and_one_that_is_wrong_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first error does not hide the second file; without a lab, what was not checked is said."""
    monkeypatch.delenv("CHAOS_SITE_FILE", raising=False)
    check(tmp_path, "kind: kill", "kind: kil")
    with pytest.raises(typer.Exit) as ended:
        validate([tmp_path / "it.yaml", tmp_path / "none.yaml", SHIPPED])
    printed = capsys.readouterr().out
    assert ended.value.exit_code == 1
    assert "did you mean 'kill'?" in printed
    assert "none.yaml: cannot be read" in printed
    assert f"{SHIPPED}: valid" in printed
    assert "not checked: no lab was ever up here" in printed
    assert "1 of 3 files are valid; nothing was touched" in printed


def test_valid_files_end_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing lab is no error of the file."""
    monkeypatch.delenv("CHAOS_SITE_FILE", raising=False)
    with pytest.raises(typer.Exit) as ended:
        validate([SHIPPED])
    assert ended.value.exit_code == 0


@pytest.mark.parametrize(
    ("repeat", "said"), [("", "  1 experiment run\n"), ("repeat: 20\n", "  20 experiment runs, one after another\n")]
)
def test_the_dry_run_says_how_many_runs_there_will_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, repeat: str, said: str
) -> None:
    """Twenty runs take their time, and strike twenty times."""
    monkeypatch.delenv("CHAOS_SITE_FILE", raising=False)
    check(tmp_path, "pipeline: scale\n", f"pipeline: scale\n{repeat}")
    with pytest.raises(typer.Exit):
        validate([tmp_path / "it.yaml"])
    assert said in capsys.readouterr().out


def _site_at(folder: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    site = LocalSite(lab_id="lab", home=folder, supervisor_url=f"http://127.0.0.1:{port}", components=())
    (folder / "site.json").write_text(site.model_dump_json())
    monkeypatch.setenv("CHAOS_SITE_FILE", str(folder / "site.json"))
    monkeypatch.setenv("CHAOS_SITE_SUPERVISOR_USER", "u")
    monkeypatch.setenv("CHAOS_SITE_SUPERVISOR_PASSWORD", "p")


def test_a_lab_is_used_when_it_is_up_and_only_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that was up once and is down now is said to be."""
    _site_at(tmp_path, closed_port(), monkeypatch)
    assert find_live_site() == (None, f"the lab at {tmp_path} is not up")
    with hanging() as port:
        _site_at(tmp_path, port, monkeypatch)
        site, why_not = find_live_site()
    assert site is not None
    assert why_not is None
