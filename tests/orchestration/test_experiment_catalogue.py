"""Every experiment file becomes a DAG, and a wrong one cannot keep the others from becoming theirs."""

from pathlib import Path

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from include.chaos.experiment import experiment_files
from include.orchestration.experiment_catalogue import build_experiment_dags, refuse

SHIPPED = next(path for path in experiment_files() if path.stem == "warehouse-killed-while-landing")


@pytest.fixture
def dags(tmp_path: Path) -> dict[str, DAG]:
    """Three files, of which the second is right."""
    right = SHIPPED.read_text()
    (tmp_path / "a-broken-one.yaml").write_text(right.replace("kind: kill", "kind: kil"))
    (tmp_path / "b-right.yaml").write_text(right)
    (tmp_path / "c what a name!.yaml").write_text(right)
    return {dag.dag_id: dag for dag in build_experiment_dags(sorted(tmp_path.iterdir()))}


def test_a_wrong_file_does_not_keep_the_others_from_parsing(dags: dict[str, DAG]) -> None:
    """The one beside it is as it would be alone."""
    assert {"arm", "strike", "recover", "judge"} <= {task.task_id for task in dags["chaos__b_right"].tasks}


def test_an_owner_is_shown_with_the_way_to_reach_them(tmp_path: Path) -> None:
    """In Airflow's list of DAGs, and for each task."""
    (tmp_path / "owned.yaml").write_text(
        "owner: {name: landing team, link: 'mailto:landing@example.org'}\n" + SHIPPED.read_text()
    )
    (dag,) = build_experiment_dags([tmp_path / "owned.yaml"])
    assert dag.owner_links == {"landing team": "mailto:landing@example.org"}
    assert {task.owner for task in dag.tasks} == {"landing team"}


def test_a_contract_that_is_missing_is_a_wrong_file(tmp_path: Path) -> None:
    """The form asks for the stages of its pipeline."""
    (tmp_path / "lost.yaml").write_text(SHIPPED.read_text().replace("pipeline: scale", "pipeline: scala"))
    (dag,) = build_experiment_dags([tmp_path / "lost.yaml"])
    assert "no landing contract 'scala'" in str(dag.doc_md)


def test_a_wrong_file_becomes_a_dag_that_says_what_is_wrong(dags: dict[str, DAG]) -> None:
    """Where one looks for the experiment, one finds line and field."""
    broken = dags["chaos__a_broken_one"]
    assert "strikes[0].fault.kind: expected" in str(broken.doc_md)
    assert "did you mean 'kill'?" in str(broken.doc_md)
    assert "broken" in broken.tags
    assert [task.task_id for task in broken.tasks] == ["refuse"]


def test_a_name_that_airflow_would_refuse_is_a_wrong_file(dags: dict[str, DAG]) -> None:
    """Airflow's own refusal would take every DAG of the file with it."""
    assert "expected a file name of letters" in str(dags["chaos__c_what_a_name_"].doc_md)


def test_running_a_broken_experiment_fails_with_what_is_wrong() -> None:
    """A red run that says why, never a green one."""
    with pytest.raises(AirflowFailException, match=r"it\.yaml:1:1"):
        refuse.function("it.yaml:1:1: the file is empty")
